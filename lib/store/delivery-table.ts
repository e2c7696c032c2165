// What is still to be said to the webhook.
import type { RunEvent } from '#lib/contract/event'
import type { Db } from './db.ts'
import type { Delivery } from './types.ts'

/** Within the transaction of the events. */
export async function putDeliveries(tx: Pick<Db, 'delivery'>, events: RunEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.delivery.createMany({
    data: events.map(({ run_id, seq, ts }) => ({ runId: run_id, seq, createdAt: new Date(ts * 1000) })),
  })
}

/** The oldest first. */
export async function listDeliveries(db: Db, limit: number): Promise<Delivery[]> {
  const rows = await db.delivery.findMany({
    orderBy: [{ createdAt: 'asc' }, { runId: 'asc' }, { seq: 'asc' }],
    take: limit,
  })
  return rows.map(({ runId, seq, createdAt }) => ({ runId, seq, createdAt: createdAt.getTime() }))
}

export async function dropDelivery(db: Db, { runId, seq }: Pick<Delivery, 'runId' | 'seq'>): Promise<void> {
  await db.delivery.deleteMany({ where: { runId, seq } })
}

export async function dropAllDeliveries(db: Db): Promise<number> {
  return (await db.delivery.deleteMany({})).count
}
