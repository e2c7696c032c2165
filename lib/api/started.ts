// What all requests share that start a run: the key that makes one of two, the trace it belongs to, and where the run is.
import type { RunStarted } from '#lib/contract/runs'
import { AppError } from '#lib/errors'

const MAX_KEY = 255

/** A trace of nothing but zeros is none. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Throws AppError('bad_request') for an Idempotency-Key that cannot be one. */
export function startHeadersOf(request: Request) {
  const trace = request.headers.get('traceparent')?.trim() ?? ''
  // By its specification, one that cannot be read is as if it were not there.
  return {
    idempotencyKey: idempotencyKeyOf(request),
    traceparent: TRACEPARENT.test(trace) ? trace : undefined,
  }
}

function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get('idempotency-key') ?? undefined
  if (key !== undefined && (key === '' || key.length > MAX_KEY)) {
    throw new AppError('bad_request', `Idempotency-Key must have 1 to ${MAX_KEY} characters`)
  }
  return key
}

export function answerStarted(
  { replayed, ...started }: RunStarted & { replayed: boolean },
  headers: Headers,
): RunStarted {
  headers.set('location', `/api/runs/${started.run_id}`)
  if (replayed) headers.set('idempotent-replayed', 'true')
  return started
}
