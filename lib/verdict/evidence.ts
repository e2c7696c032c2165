// What is kept of a check: enough that anyone can look at the verdict, and repeat it.
import { createHash } from 'node:crypto'
import { release } from 'node:os'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { CheckEvidence } from '#lib/contract/evidence'
import type { CheckResult } from '#lib/goals/goal'

export interface StoredEvidence {
  /** SHA-256 of the JSON, in hex. */
  id: string
  /** Compressed. */
  body: Buffer
}

/** Bytes of a check's output that are kept; the rest of it is cut from the middle. */
export const EVIDENCE_OUTPUT_BYTES = 1024 * 1024
export const MAX_PROTECTED = 5000

const MAX_EVIDENCE_BYTES = 256 * 1024 * 1024

export async function packEvidence(evidence: CheckEvidence): Promise<StoredEvidence> {
  const json = JSON.stringify(evidence)
  return { id: digestOf(json), body: await promisify(gzip)(json) }
}

/** Rejects when it is not what its digest says. */
export async function unpackEvidence(id: string, body: Buffer): Promise<CheckEvidence> {
  const json = (await promisify(gunzip)(body, { maxOutputLength: MAX_EVIDENCE_BYTES })).toString('utf8')
  if (digestOf(json) !== id) throw new Error(`the evidence ${id} was changed after it was stored`)
  return CheckEvidence.parse(JSON.parse(json))
}

const digestOf = (json: string) => createHash('sha256').update(json).digest('hex')

/** The parts of a result that are the same for a goal and for one of several. */
export function checkedOf(result: CheckResult) {
  return {
    achieved: result.achieved,
    broken: result.broken,
    reason: result.reason,
    command: result.command,
    exit_code: result.exitCode,
    duration_ms: Math.round(result.durationMs),
    output: result.output,
    truncated: result.truncated,
    bytes: result.bytes,
    tests: result.tests,
    ...(result.measurement && { measurement: result.measurement }),
    ...(result.judged && { judged: true }),
  }
}

export const platform = () => `${process.platform} ${process.arch}, ${release()}`
