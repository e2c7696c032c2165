import { startRun } from '#lib/contract/runs'
import { handler } from '../route.ts'
import { answerStarted, idempotencyKeyOf } from '../started.ts'

export const handleStartRun = handler(startRun, async ({ body, runtime, request, caller, headers }) => {
  const idempotencyKey = idempotencyKeyOf(request)
  return answerStarted(await runtime.runs.start(body, { caller, idempotencyKey }), headers)
})
