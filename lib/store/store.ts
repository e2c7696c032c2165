// The only way to the database: rows in, the contract's words out.
import { Prisma } from '#gen/sqlite/client'
import type { EventOf } from '#lib/contract/event'
import { crashPoint } from '#lib/crash-point'
import { AppError } from '#lib/errors'
import { type Db, type OpenOptions, openDb } from './db.ts'
import { insertEvents, readEvents } from './event-table.ts'
import { getGate, latestGate, listGates } from './gate-table.ts'
import { copyInto } from './live-backup.ts'
import {
  countByStatus,
  createRun,
  findByIdempotencyKey,
  getRun,
  listRuns,
  listUnfinished,
  toProjection,
} from './run-table.ts'
import type { Append, Store } from './types.ts'

const isUniqueViolation = (error: unknown) =>
  (error as { code?: string } | null)?.code === 'P2002' || /UNIQUE constraint/i.test(String(error))
const isDiskFull = (error: unknown) => /SQLITE_FULL|database or disk is full|ENOSPC/i.test(String(error))

/** Turns the database's errors into ours. */
function translate(error: unknown): never {
  if (isDiskFull(error)) {
    throw new AppError('disk_full', 'The disk is full: free some space, then try again', { cause: error })
  }
  throw error
}

type Transaction = Prisma.TransactionClient

async function decideGate(
  tx: Transaction,
  { run_id, ts, payload }: EventOf<'human_check_response'>,
): Promise<void> {
  const { count } = await tx.gate.updateMany({
    where: { id: payload.gate_id, runId: run_id, decision: null },
    data: {
      decision: payload.decision,
      note: payload.note,
      decidedBy: payload.decided_by,
      decidedAt: new Date(ts * 1000),
    },
  })
  if (count === 0) throw new AppError('gate_decided', `Gate ${payload.gate_id} was decided before`)
}

async function write(db: Db, appends: Append[]): Promise<void> {
  const events = appends.flatMap(append => append.events)
  await db.$transaction(async tx => {
    for (const event of events) {
      if (event.kind === 'human_check_required') {
        const { gate_id, iteration, summary, diff_hash } = event.payload
        await tx.gate.create({
          data: {
            id: gate_id,
            runId: event.run_id,
            iteration,
            summary,
            diffHash: diff_hash,
            openedAt: new Date(event.ts * 1000),
          },
        })
      }
      if (event.kind === 'human_check_response') await decideGate(tx, event)
    }
    if (events.length > 0) await insertEvents(tx, events)
    crashPoint('inside-commit')
    for (const { record } of appends) {
      await tx.run.update({ where: { id: record.id }, data: toProjection(record), select: { id: true } })
    }
  })
}

/** @param file the SQLite file; @param migrations the folder of committed migrations. */
export async function openStore(
  file: string,
  migrations: string,
  options?: OpenOptions,
): Promise<Store & { applied: string[] }> {
  const { db, applied } = await openDb(file, migrations, options)
  return { applied, ...createStore(db) }
}

export function createStore(db: Db): Store {
  return {
    createRun: record =>
      createRun(db, record).catch(error => {
        if (isUniqueViolation(error)) {
          throw new AppError('conflict', 'A run with this Idempotency-Key was created meanwhile', {
            cause: error,
          })
        }
        translate(error)
      }),
    findByIdempotencyKey: key => findByIdempotencyKey(db, key),
    getRun: id => getRun(db, id),
    listRuns: filter => listRuns(db, filter),
    listUnfinished: () => listUnfinished(db),
    countByStatus: () => countByStatus(db),
    commit: appends => write(db, appends).catch(translate),
    readEvents: (runId, filter) => readEvents(db, runId, filter),
    getGate: id => getGate(db, id),
    latestGate: runId => latestGate(db, runId),
    listGates: filter => listGates(db, filter),
    copyInto: (target, signal) => copyInto(db, target, signal),
    async ping() {
      await db.$queryRaw(Prisma.sql`SELECT 1`)
    },
    close: () => db.$disconnect(),
  }
}
