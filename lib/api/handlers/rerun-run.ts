import { rerunRun } from '#lib/contract/runs'
import { handler } from '../route.ts'
import { answerStarted, startHeadersOf } from '../started.ts'

export const handleRerunRun = handler(
  rerunRun,
  async ({ params, body = {}, runtime, request, caller, headers }) => {
    const how = { caller, ...startHeadersOf(request) }
    const started = await runtime.runs.rerun(params.run_id, body, how)
    return answerStarted(started, headers)
  },
)
