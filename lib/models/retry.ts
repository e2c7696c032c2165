// When a failed attempt is tried again, how long it waits before, and when to give up. One policy for all models:
// the SDK's own retries are off, so that every attempt is visible in the journal.
import { setTimeout as sleep } from 'node:timers/promises'
import { ModelError, type Retry } from './model.ts'

export interface Timing {
  /** First backoff step. */
  baseMs: number
  /** Longest backoff step. */
  maxMs: number
  /** From the first failure of a call until it gives up. */
  patienceMs: number
  /** Longest silence of a stream; a ping counts as a sign of life. */
  idleMs: number
  /** Longest duration of one attempt. */
  totalMs: number
  /** Between two reports of one call's retries: an hour of overload is an hour of lines otherwise. */
  reportMs: number
}

export const DEFAULT_TIMING: Timing = {
  baseMs: 1000,
  maxMs: 60_000,
  patienceMs: 15 * 60_000,
  idleMs: 60_000,
  totalMs: 10 * 60_000,
  reportMs: 60_000,
}

/** No promise to come back is believed for longer. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000

const BRAND = Symbol('attempt failure')

/** An attempt failed in a way that passes. */
export class AttemptFailure extends Error {
  readonly [BRAND] = true
  /** HTTP status; null for a cut or silent connection. */
  readonly status: number | null
  /** What the provider asked to wait. */
  readonly retryAfterMs: number | null

  constructor(
    reason: string,
    options: { status?: number | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(reason, { cause: options.cause })
    this.name = 'AttemptFailure'
    this.status = options.status ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

export const isAttemptFailure = (error: unknown): error is AttemptFailure =>
  typeof error === 'object' && error !== null && BRAND in error

export interface Retrying {
  timing: Timing
  signal: AbortSignal
  onRetry?: ((retry: Retry) => void | Promise<void>) | undefined
  random?: () => number
}

/**
 * Runs `attempt` until it succeeds. An AttemptFailure is tried again until the patience is used up, then the call ends
 * with ModelError('unavailable'); every other error ends it at once. An abort ends request and wait at once, with the
 * signal's reason. The first retry is reported at once, later ones at most once per `reportMs`.
 */
export async function retrying<T>(
  { timing, signal, onRetry, random = Math.random }: Retrying,
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  let firstFailure: number | null = null
  let reportedAt: number | null = null
  for (let number = 1; ; number++) {
    signal.throwIfAborted()
    try {
      return await attempt(number)
    } catch (error) {
      signal.throwIfAborted()
      if (!isAttemptFailure(error)) throw error
      const now = performance.now()
      firstFailure ??= now
      const waitMs = waitBefore(number, error.retryAfterMs, timing, random)
      if (now - firstFailure + waitMs > timing.patienceMs) throw givenUp(error, number, waitMs)
      if (reportedAt === null || now - reportedAt >= timing.reportMs) {
        reportedAt = now
        await onRetry?.({ attempt: number, reason: error.message, status: error.status, waitMs })
      }
      await pause(waitMs, signal)
    }
  }
}

/**
 * What the provider asks for, plus a little so that several runs do not come back in the same moment; else exponential
 * backoff with full jitter. To be asked back at once (`retry-after: 0`) does not end the backoff: that would hammer.
 */
export function waitBefore(
  attempt: number,
  retryAfterMs: number | null,
  timing: Pick<Timing, 'baseMs' | 'maxMs'>,
  random: () => number = Math.random,
): number {
  if (retryAfterMs !== null && retryAfterMs >= timing.baseMs) {
    return Math.ceil(retryAfterMs + random() * Math.min(timing.baseMs, retryAfterMs / 10))
  }
  // 2 ** 60 is beyond every cap and still a number.
  const backoff = random() * Math.min(timing.maxMs, timing.baseMs * 2 ** Math.min(attempt - 1, 60))
  return Math.ceil(Math.max(backoff, retryAfterMs ?? 0))
}

/** Reads `retry-after-ms` and `retry-after` (seconds or a date); null when neither says anything usable. */
export function readRetryAfter(headers: Headers | undefined, now = timeOf(headers)): number | null {
  const asked = retryAfter(headers, now)
  return asked === null ? null : Math.min(asked, LONGEST_RETRY_AFTER_MS)
}

function retryAfter(headers: Headers | undefined, now: number): number | null {
  const ms = numberOf(headers?.get('retry-after-ms'))
  if (ms !== null) return ms
  const value = headers?.get('retry-after')
  const seconds = numberOf(value)
  if (seconds !== null) return seconds * 1000
  // A date begins with the name of its day; one would be made of `-3` too.
  const date = value && /^[a-z]/i.test(value) ? timeIn(value) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

/** The answer's own clock, where it shows one: dates say nothing by a clock that differs. */
function timeOf(headers: Headers | undefined): number {
  const date = timeIn(headers?.get('date') ?? '')
  return Number.isNaN(date) ? Date.now() : date
}

function numberOf(value: string | null | undefined): number | null {
  if (!value?.trim()) return null
  const number = Number(value)
  return Number.isFinite(number) && number >= 0 ? number : null
}

function givenUp(failure: AttemptFailure, attempts: number, waitMs: number): ModelError {
  const asked =
    failure.retryAfterMs === null ? '' : `; the provider asks to wait ${Math.ceil(waitMs / 1000)} s more`
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  return new ModelError(
    'unavailable',
    `The model could not be reached in ${tries}: ${failure.message}${asked}`,
    { status: failure.status, retryAfterMs: failure.retryAfterMs, cause: failure },
  )
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    // The timer's own AbortError would hide the caller's reason.
    signal.throwIfAborted()
    throw error
  }
}

/** NaN when it is none. Not Date.parse: under a replaced clock, as tests put it in place, Next's own Date has no such function. */
const timeIn = (text: string) => new Date(text).getTime()
