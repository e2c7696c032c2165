import { rerunRun } from '#lib/contract/runs'
import { handler } from '../route.ts'
import { answerStarted, idempotencyKeyOf } from '../started.ts'

export const handleRerunRun = handler(
  rerunRun,
  async ({ params, body = {}, runtime, request, caller, headers }) => {
    const idempotencyKey = idempotencyKeyOf(request)
    const started = await runtime.runs.rerun(params.run_id, body, { caller, idempotencyKey })
    return answerStarted(started, headers)
  },
)
