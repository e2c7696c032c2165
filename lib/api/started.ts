// What all requests share that start a run: the key that makes one of two, and where the run is.
import type { RunStarted } from '#lib/contract/runs'
import { AppError } from '#lib/errors'

const MAX_KEY = 255

/** Throws AppError('bad_request') for a key that cannot be one. */
export function idempotencyKeyOf(request: Request): string | undefined {
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
