import type { Gate as Row } from '#gen/sqlite/client'
import type { Db } from './db.ts'
import type { GateRecord } from './types.ts'

function fromRow(row: Row): GateRecord {
  return {
    id: row.id,
    runId: row.runId,
    iteration: row.iteration,
    summary: row.summary,
    diffHash: row.diffHash,
    openedAt: row.openedAt.getTime(),
    // Only ever written from the event's union.
    decision: row.decision as GateRecord['decision'],
    note: row.note,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.getTime() ?? null,
  }
}

export async function getGate(db: Db, id: string): Promise<GateRecord | null> {
  const row = await db.gate.findUnique({ where: { id } })
  return row && fromRow(row)
}

// Not by time: a clock may be set back.
export async function latestGate(db: Db, runId: string): Promise<GateRecord | null> {
  const row = await db.gate.findFirst({
    where: { runId },
    orderBy: [{ iteration: 'desc' }, { openedAt: 'desc' }],
  })
  return row && fromRow(row)
}

export async function listGates(db: Db, filter: { open?: boolean; limit: number }): Promise<GateRecord[]> {
  const rows = await db.gate.findMany({
    ...(filter.open === undefined ? {} : { where: { decision: filter.open ? null : { not: null } } }),
    orderBy: { openedAt: 'desc' },
    take: filter.limit,
  })
  return rows.map(fromRow)
}
