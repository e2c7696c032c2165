// Where the evidence of a run's checks is kept.
import type { Store } from '#lib/store/types'
import { packEvidence, unpackEvidence } from '#lib/verdict/evidence'
import type { EvidenceStore } from '#lib/verdict/judge'

export function evidenceStore(
  store: Pick<Store, 'putEvidence' | 'getEvidence'>,
  runId: string,
  redact: <T>(value: T) => T = value => value,
): EvidenceStore {
  return {
    async put(evidence) {
      const { id, body } = await packEvidence(redact(evidence)) // the digest is of what is stored
      await store.putEvidence({ runId, id, iteration: evidence.iteration, body })
      return id
    },
    async get(digest) {
      const body = await store.getEvidence(runId, digest)
      return body && unpackEvidence(digest, body)
    },
  }
}
