// The only way to the database: rows in, the contract's words out.
import path from 'node:path'
import { Prisma } from '#gen/sqlite/client'
import type { EventOf } from '#lib/contract/event'
import { crashPoint } from '#lib/crash-point'
import { AppError } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { hasNoRoom } from '#lib/no-room'
import { type Db, type OpenOptions, openDb } from './db.ts'
import { dropAllDeliveries, dropDelivery, listDeliveries, putDeliveries } from './delivery-table.ts'
import { insertEvents, readEvents } from './event-table.ts'
import { getEvidence, putEvidence } from './evidence-table.ts'
import { failureOf } from './failures.ts'
import { getGate, latestGate, listGates } from './gate-table.ts'
import { copyInto } from './live-backup.ts'
import { retryWhileBusy } from './retry.ts'
import {
  countByStatus,
  countRuns,
  createRun,
  findByIdempotencyKey,
  getRun,
  listRuns,
  listUnfinished,
  toProjection,
} from './run-table.ts'
import type { Append, Store } from './types.ts'

const DISK_FULL = 'The disk is full: free some space, then try again'

/** The database's errors as ours. `folder`: where the file is, to be asked when the disk would not take something. */
async function explained(error: unknown, folder: string | null): Promise<unknown> {
  const failure = failureOf(error)
  const isFull = failure === 'disk_full' || (failure === 'disk_error' && folder && (await hasNoRoom(folder)))
  if (isFull) return new AppError('disk_full', DISK_FULL, { cause: error })
  if (failure !== 'busy') return error
  return new AppError(
    'database_busy',
    'Another program has held the database for too long; close it, then try again',
    { cause: error, headers: { 'Retry-After': '5' } },
  )
}

type Transaction = Prisma.TransactionClient

// Prisma's own clocks would end a transaction when the machine slept, or the process was stopped, in the middle of it.
const PATIENT = { maxWait: 86_400_000, timeout: 86_400_000 }

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

async function write(db: Db, appends: Append[], announced: readonly string[]): Promise<void> {
  const events = appends.flatMap(append => append.events)
  const work = async (tx: Transaction) => {
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
    await putDeliveries(
      tx,
      events.filter(({ kind }) => announced.includes(kind)),
    )
    crashPoint('inside-commit')
    for (const { record } of appends) {
      await tx.run.update({ where: { id: record.id }, data: toProjection(record), select: { id: true } })
    }
  }
  await db.$transaction(work, PATIENT)
}

/** @param file the SQLite file; @param migrations the folder of committed migrations. */
export async function openStore(
  file: string,
  migrations: string,
  { announced, ...options }: OpenOptions & Pick<StoreOptions, 'announced'> = {},
): Promise<Store & { applied: string[] }> {
  const { db, applied } = await openDb(file, migrations, options)
  return { applied, ...createStore(db, { folder: path.dirname(file), announced }) }
}

interface StoreOptions {
  /** How long another program may hold the lock before it is said. */
  busyLimitMs?: number
  /** Where the file is. */
  folder?: string | null
  /** Kinds of events that the webhook is to be told of: kept with them until it has taken them. */
  announced?: readonly string[] | undefined
}

export function createStore(
  db: Db,
  { busyLimitMs = LIMITS.databaseBusyMs, folder = null, announced = [] }: StoreOptions = {},
): Store {
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await retryWhileBusy(work, busyLimitMs)
    } catch (error) {
      throw await explained(error, folder)
    }
  }
  return {
    createRun: record =>
      ask(() => createRun(db, record)).catch(error => {
        if (failureOf(error) !== 'unique') throw error
        throw new AppError('conflict', 'A run with this Idempotency-Key was created meanwhile', {
          cause: error,
        })
      }),
    findByIdempotencyKey: key => ask(() => findByIdempotencyKey(db, key)),
    getRun: id => ask(() => getRun(db, id)),
    listRuns: filter => ask(() => listRuns(db, filter)),
    listUnfinished: () => ask(() => listUnfinished(db)),
    countByStatus: () => ask(() => countByStatus(db)),
    countRuns: (selection, by) => ask(() => countRuns(db, selection, by)),
    commit: appends => ask(() => write(db, appends, announced)),
    readEvents: (runId, filter) => ask(() => readEvents(db, runId, filter)),
    getGate: id => ask(() => getGate(db, id)),
    latestGate: runId => ask(() => latestGate(db, runId)),
    listGates: filter => ask(() => listGates(db, filter)),
    putEvidence: evidence => ask(() => putEvidence(db, evidence)),
    getEvidence: (runId, id) => ask(() => getEvidence(db, runId, id)),
    listDeliveries: limit => ask(() => listDeliveries(db, limit)),
    countDeliveries: () => ask(() => db.delivery.count()),
    dropDelivery: delivery => ask(() => dropDelivery(db, delivery)),
    dropAllDeliveries: () => ask(() => dropAllDeliveries(db)),
    copyInto: (target, signal) => copyInto(db, target, signal),
    async ping() {
      await db.$queryRaw(Prisma.sql`SELECT 1`)
    },
    close: () => db.$disconnect(),
  }
}
