// What checks found, by its digest.
import type { Db } from './db.ts'

export interface EvidenceRow {
  runId: string
  id: string
  iteration: number
  body: Buffer
}

export async function putEvidence(db: Db, { runId, id, iteration, body }: EvidenceRow): Promise<void> {
  await db.evidence.upsert({
    where: { runId_id: { runId, id } },
    create: { runId, id, iteration, createdAt: new Date(), body: new Uint8Array(body) },
    update: {},
  })
}

export async function getEvidence(db: Db, runId: string, id: string): Promise<Buffer | null> {
  const row = await db.evidence.findUnique({ where: { runId_id: { runId, id } }, select: { body: true } })
  return row && Buffer.from(row.body)
}
