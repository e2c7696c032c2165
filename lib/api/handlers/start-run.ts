import { startRun } from '#lib/contract/runs'
import { handler } from '../route.ts'
import { answerStarted, startHeadersOf } from '../started.ts'

export const handleStartRun = handler(startRun, async ({ body, runtime, request, caller, headers }) => {
  const how = { caller, ...startHeadersOf(request) }
  return answerStarted(await runtime.runs.start(body, how), headers)
})
