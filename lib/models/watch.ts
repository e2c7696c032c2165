// Ends an attempt that takes too long: by its silence, or as a whole. Nothing outlives `end()`.
import { AttemptFailure, type Timing } from './retry.ts'

/** A clock that is this late says that the process stood still (a stopped process, a blocked loop), not the provider. */
const LATE_MS = 1000
/** What arrived while it stood still is read within this time. */
const GRACE_MS = 1000

export interface AttemptWatch {
  /** Ends the request: aborted by the caller, by silence, by the total time, or by `end`. */
  signal: AbortSignal
  /** Something came. */
  alive(): void
  /** The message is there; the connection has this long to close by itself. */
  closeWithin(ms: number): void
  /** The failure, when one of the clocks has ended the request. */
  overdue(): AttemptFailure | null
  end(): void
}

export function watchAttempt(
  { idleMs, totalMs }: Pick<Timing, 'idleMs' | 'totalMs'>,
  signal: AbortSignal,
): AttemptWatch {
  const controller = new AbortController()
  let failure: AttemptFailure | null = null
  const fail = (reason: string) => {
    failure ??= new AttemptFailure(reason)
    controller.abort(failure)
  }
  const idle = startClock(idleMs, () => fail(`nothing came for ${idleMs / 1000} s`))
  const total = startClock(totalMs, () => fail(`the answer was not complete after ${totalMs / 1000} s`))
  let linger: NodeJS.Timeout | undefined
  const onAbort = () => controller.abort(signal.reason)
  // Not AbortSignal.any: the caller's signal lives as long as the run and would keep every attempt in memory.
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()

  return {
    signal: controller.signal,
    alive: idle.restart,
    closeWithin: ms => {
      linger ??= setTimeout(() => controller.abort(), ms)
    },
    overdue: () => failure,
    end: () => {
      idle.stop()
      total.stop()
      clearTimeout(linger)
      signal.removeEventListener('abort', onAbort)
      controller.abort()
    },
  }
}

/**
 * Calls `onDue` once, `ms` after its start or last restart. After a standstill of the process Node runs its timers before it reads
 * its sockets, so a clock that comes much too late first lets them be read.
 */
function startClock(ms: number, onDue: () => void) {
  let due = 0
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false
  const wait = (delay: number) => {
    clearTimeout(timer)
    if (hasEnded) return
    due = performance.now() + delay
    timer = setTimeout(fire, delay)
  }
  const stop = () => {
    hasEnded = true
    clearTimeout(timer)
  }
  const fire = () => {
    if (performance.now() - due > LATE_MS) return wait(GRACE_MS)
    stop()
    onDue()
  }
  wait(ms)
  return { restart: () => wait(ms), stop }
}
