// Runs that an earlier process left, and runs that hold until something outside is well again.
import { randomUUID } from 'node:crypto'
import type { EventOf } from '#lib/contract/event'
import { messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import type { RunRecord, Store } from '#lib/store/types'

const RETRY_STUCK_MS = 10_000

interface RecoveryParts {
  store: Store
  journal: Journal
  push(runId: string): void
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

export function createRecovery({ store, journal, push, log }: RecoveryParts) {
  const boot = randomUUID()
  const timers = new Map<string, NodeJS.Timeout>()

  function pushAt(runId: string, when: number) {
    clearTimeout(timers.get(runId))
    const timer = setTimeout(
      () => {
        timers.delete(runId)
        // Aborted meanwhile: nothing to do.
        void journal.record(runId).then(record => {
          if (record.status === 'paused' || record.status === 'running') push(runId)
        }, logFailure(runId))
      },
      Math.max(0, when - Date.now()),
    )
    timer.unref()
    timers.set(runId, timer)
  }
  const logFailure = (runId: string) => (error: unknown) =>
    log('error', 'a paused run could not be taken up again', { run_id: runId, error: messageOf(error) })

  /** A paused run is tried again at the time its newest `paused` event names; without one, only by hand. */
  async function scheduleRetry(runId: string) {
    const events = await store.readEvents(runId, { kinds: ['paused'], limit: 10_000 })
    const last = events.at(-1) as EventOf<'paused'> | undefined
    if (last?.payload.retry_at) pushAt(runId, last.payload.retry_at * 1000)
  }

  async function recoverRun(record: RunRecord) {
    if (record.status === 'waiting') return
    if (record.status === 'paused') return scheduleRetry(record.id)
    if (record.lastSeq > 0) {
      const events = await store.readEvents(record.id, {
        kinds: ['tool_call', 'tool_result'],
        limit: 1_000_000,
      })
      const unanswered = new Set<string>()
      for (const event of events) {
        if (event.kind === 'tool_call') unanswered.add(event.payload.call_id)
        if (event.kind === 'tool_result') unanswered.delete(event.payload.call_id)
      }
      const payload = { boot, interrupted_calls: [...unanswered] }
      await journal.append(record.id, [{ kind: 'recovered', iteration: record.iteration, payload }])
    }
    push(record.id)
  }

  return {
    scheduleRetry,
    /** The end of a run could not be stored: try again until it can. */
    retryLater: (runId: string) => pushAt(runId, Date.now() + RETRY_STUCK_MS),
    /** Each run on its own: one that cannot be read does not keep the others. */
    async recover() {
      for (const record of await store.listUnfinished()) {
        try {
          await recoverRun(record)
        } catch (error) {
          log('error', 'a run could not be recovered', { run_id: record.id, error: messageOf(error) })
        }
      }
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
