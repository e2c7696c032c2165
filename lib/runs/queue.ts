// Which runs are driven now, and which wait for a slot. In one process the queue is this; several machines put another
// behind the same interface.
import { AppError } from '#lib/errors'

export interface Queue {
  /** Drives the run as soon as a slot is free; in order of the calls. A run that is in already is not taken twice. */
  push(runId: string): void
  /** Throws AppError('queue_full') when a new run would not be taken. */
  admit(): void
  /** Whether a run pushed now would have to wait. */
  isBusy(): boolean
  /** 1 for the next in line; null when the run does not wait. */
  position(runId: string): number | null
  counts(): { active: number; waiting: number }
  /** Takes the run out of the line, or stops it and resolves when it let go. False when it was in neither. */
  stop(runId: string, reason: unknown): Promise<boolean>
  /** Takes nothing more and stops all, each with this reason. */
  close(reason: unknown): Promise<void>
}

export interface QueueOptions {
  maxParallel: number
  maxWaiting: number
  /** Drives a run until it lets go. Must not reject. */
  drive(runId: string, signal: AbortSignal): Promise<void>
}

export function createQueue({ maxParallel, maxWaiting, drive }: QueueOptions): Queue {
  const waiting: string[] = []
  const active = new Map<string, { controller: AbortController; done: Promise<void> }>()
  /** Pushed again while active: driven once more when it lets go, so that no decision is lost in between. */
  const again = new Set<string>()
  let isClosed = false

  function fill() {
    while (!isClosed && active.size < maxParallel) {
      const runId = waiting.shift()
      if (runId === undefined) return
      const controller = new AbortController()
      const done = drive(runId, controller.signal).finally(() => {
        active.delete(runId)
        if (again.delete(runId)) waiting.push(runId)
        fill()
      })
      active.set(runId, { controller, done })
    }
  }

  return {
    push(runId) {
      if (active.has(runId)) again.add(runId)
      else if (!waiting.includes(runId)) waiting.push(runId)
      fill()
    },
    admit() {
      if (isClosed) throw new AppError('stopping', 'The server is stopping; try again when it is back')
      if (waiting.length >= maxWaiting) {
        throw new AppError('queue_full', `${waiting.length} runs are waiting already; try again later`, {
          headers: { 'Retry-After': '10' },
        })
      }
    },
    isBusy: () => active.size >= maxParallel,
    position(runId) {
      const index = waiting.indexOf(runId)
      return index < 0 ? null : index + 1
    },
    counts: () => ({ active: active.size, waiting: waiting.length }),
    async stop(runId, reason) {
      again.delete(runId)
      const index = waiting.indexOf(runId)
      if (index >= 0) {
        waiting.splice(index, 1)
        return true
      }
      const running = active.get(runId)
      if (!running) return false
      running.controller.abort(reason)
      await running.done
      return true
    },
    async close(reason) {
      isClosed = true
      waiting.length = 0
      again.clear()
      for (const { controller } of active.values()) controller.abort(reason)
      await Promise.all([...active.values()].map(({ done }) => done))
    },
  }
}
