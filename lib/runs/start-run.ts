// Takes a run in: once per Idempotency-Key, and only when the queue has room for it.
import type { Network } from '#lib/contract/network'
import type { RunStarted, StartRun } from '#lib/contract/runs'
import { crashPoint } from '#lib/crash-point'
import { AppError, isAppError } from '#lib/errors'
import type { Models } from '#lib/models/model'
import type { AcceptedConfigs } from '#lib/store/accepted-configs'
import type { Disk } from '#lib/store/disk'
import type { Continued, RunRecord, Store } from '#lib/store/types'
import { createTurns } from '#lib/turns'
import type { Workspaces } from '#lib/workspace/workspaces'
import type { SandboxState } from './command-freedom.ts'
import { createRecord, hashOf } from './create-record.ts'
import type { SettingsBefore } from './project-settings.ts'
import type { Queue } from './queue.ts'
import type { StartOptions } from './types.ts'

export interface StartParts {
  store: Store
  queue: Queue
  models: Models
  workspaces: Pick<Workspaces, 'open'>
  sandbox: SandboxState
  accepted: AcceptedConfigs
  /** The most that runs may have of it, where the server's person said so. */
  network?: Network | null
  defaultCwd: string
  redact?: <T>(value: T) => T
  disk: Pick<Disk, 'refuseWhenFull'>
  /** Called when the run is stored, before it is driven. */
  announce(record: RunRecord): void
}

export function createStart(parts: StartParts) {
  const { store, queue, models, workspaces, defaultCwd, disk, announce, redact } = parts
  const inTurn = createTurns()

  /** One at a time: what the record says of its place in the queue must still hold when it is pushed. */
  async function enter(record: RunRecord) {
    await disk.refuseWhenFull()
    queue.admit()
    record.status = queue.isBusy() ? 'queued' : 'running'
    crashPoint('before-create')
    await store.createRun(record)
    crashPoint('after-create')
    announce(record)
    queue.push(record.id, record.priority)
  }

  return async function start(
    request: StartRun,
    { caller, idempotencyKey, traceparent }: StartOptions,
    before?: SettingsBefore,
    continues?: Continued,
  ): Promise<RunStarted & { replayed: boolean }> {
    const replay = async (key: string) => {
      const earlier = await store.findByIdempotencyKey(key)
      if (!earlier) return null
      if (earlier.idempotency?.hash !== hashOf(request, continues)) {
        throw new AppError(
          'idempotency_mismatch',
          `Idempotency-Key ${key} was used with another body; use a new key`,
        )
      }
      const status = earlier.status === 'queued' ? ('queued' as const) : ('running' as const)
      return { run_id: earlier.id, status, replayed: true }
    }
    const earlier = idempotencyKey === undefined ? null : await replay(idempotencyKey)
    if (earlier) return earlier

    queue.admit() // before anything is looked at; again below
    const now = Date.now()
    const record = await createRecord({
      request,
      caller,
      idempotencyKey,
      traceparent,
      before,
      continues,
      defaultCwd,
      models,
      workspaces,
      redact,
      sandbox: parts.sandbox,
      accepted: parts.accepted,
      network: parts.network,
      now,
    })
    try {
      await inTurn(() => enter(record))
    } catch (error) {
      // Two requests with one key at once: the other one created the run.
      const other =
        isAppError(error) && error.code === 'conflict' && idempotencyKey ? await replay(idempotencyKey) : null
      if (other) return other
      throw error
    }
    crashPoint('before-create-answer')
    return { run_id: record.id, status: record.status, replayed: false }
  }
}
