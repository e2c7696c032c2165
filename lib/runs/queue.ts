// Which runs are driven now, and which wait for a slot. In one process the queue is this; several machines put another
// behind the same interface.
import { AppError } from '#lib/errors'

/** How a run that is driven is told to let go. Both abort with the reason given. */
export interface StopSignals {
  /** End what runs, now. */
  signal: AbortSignal
  /** Begin nothing more; what runs may come to its end. Aborted before or with `signal`. */
  draining: AbortSignal
}

export interface Queue {
  /**
   * Drives the run as soon as a slot is free: higher priority first, equal ones in order of the calls. A run that is in
   * already is not taken twice.
   */
  push(runId: string, priority: number): void
  /** Throws AppError('queue_full') when a new run would not be taken. */
  admit(): void
  /** Whether a run pushed now would have to wait. */
  isBusy(): boolean
  /** 1 for the next in line; null when the run does not wait. */
  position(runId: string): number | null
  counts(): { active: number; waiting: number }
  /** Those in line, the next one first. */
  waiting(): string[]
  /** Takes the run out of the line, or stops it and resolves when it let go. False when it was in neither. */
  stop(runId: string, reason: unknown): Promise<boolean>
  /** Takes nothing more, lets what runs drain, then stops the rest, each with this reason. */
  close(reason: unknown): Promise<void>
}

export interface QueueOptions {
  maxParallel: number
  maxWaiting: number
  /** Drives a run until it lets go. Must not reject. */
  drive(runId: string, stop: StopSignals): Promise<void>
  /** Called when the line has moved. */
  onMove?(): void
  /** How long runs may finish what they have begun when the queue is closed. */
  drainMs: number
}

interface Active {
  hard: AbortController
  soft: AbortController
  done: Promise<void>
}

export function createQueue(options: QueueOptions): Queue {
  const { maxParallel, maxWaiting, drive, onMove = () => {}, drainMs } = options
  /** In the order in which they will be driven. */
  const line: { runId: string; priority: number }[] = []
  const active = new Map<string, Active>()
  /** Pushed again while active: driven once more when it lets go, so that no decision is lost in between. */
  const again = new Map<string, number>()
  let isClosed = false

  const indexOf = (runId: string) => line.findIndex(entry => entry.runId === runId)

  function enter(runId: string, priority: number) {
    const behind = line.findIndex(entry => entry.priority < priority)
    line.splice(behind < 0 ? line.length : behind, 0, { runId, priority })
  }

  function fill() {
    while (!isClosed && active.size < maxParallel) {
      const runId = line.shift()?.runId
      if (runId === undefined) break
      const hard = new AbortController()
      const soft = new AbortController()
      const done = drive(runId, { signal: hard.signal, draining: soft.signal }).finally(() => {
        active.delete(runId)
        const priority = again.get(runId)
        again.delete(runId)
        if (priority !== undefined) enter(runId, priority)
        fill()
      })
      active.set(runId, { hard, soft, done })
    }
    onMove()
  }

  function stopNow({ hard, soft }: Active, reason: unknown) {
    soft.abort(reason)
    hard.abort(reason)
  }

  return {
    push(runId, priority) {
      if (isClosed) return
      if (active.has(runId)) again.set(runId, priority)
      else if (indexOf(runId) < 0) enter(runId, priority)
      fill()
    },
    admit() {
      if (isClosed) {
        throw new AppError('stopping', 'The server is stopping; try again when it is back', {
          headers: { 'Retry-After': '5' },
        })
      }
      if (line.length >= maxWaiting) {
        throw new AppError('queue_full', `${line.length} runs are waiting already; try again later`, {
          headers: { 'Retry-After': '10' },
        })
      }
    },
    isBusy: () => active.size >= maxParallel,
    position(runId) {
      const index = indexOf(runId)
      return index < 0 ? null : index + 1
    },
    counts: () => ({ active: active.size, waiting: line.length }),
    waiting: () => line.map(({ runId }) => runId),
    async stop(runId, reason) {
      again.delete(runId)
      const index = indexOf(runId)
      if (index >= 0) {
        line.splice(index, 1)
        onMove()
        return true
      }
      const running = active.get(runId)
      if (!running) return false
      stopNow(running, reason)
      await running.done
      return true
    },
    async close(reason) {
      isClosed = true
      line.length = 0
      again.clear()
      for (const { soft } of active.values()) soft.abort(reason)
      const timer = setTimeout(() => {
        for (const running of active.values()) stopNow(running, reason)
      }, drainMs)
      await Promise.all([...active.values()].map(({ done }) => done))
      clearTimeout(timer)
    },
  }
}
