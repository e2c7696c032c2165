import { startRun } from '#lib/contract/runs'
import { AppError } from '#lib/errors'
import { handler } from '../route.ts'

const MAX_KEY = 255

export const handleStartRun = handler(startRun, async ({ body, runtime, request, caller, headers }) => {
  const idempotencyKey = request.headers.get('idempotency-key') ?? undefined
  if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_KEY)) {
    throw new AppError('bad_request', `Idempotency-Key must have 1 to ${MAX_KEY} characters`)
  }
  const { replayed, ...started } = await runtime.runs.start(body, { caller, idempotencyKey })
  headers.set('location', `/api/runs/${started.run_id}`)
  if (replayed) headers.set('idempotent-replayed', 'true')
  return started
})
