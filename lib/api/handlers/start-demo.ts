import { startDemo } from '#lib/contract/demo'
import { handler } from '../route.ts'
import { answerStarted, startHeadersOf } from '../started.ts'

export const handleStartDemo = handler(
  startDemo,
  async ({ body = {}, runtime, request, caller, headers }) => {
    const { traceparent } = startHeadersOf(request)
    return answerStarted(await runtime.startDemo(body, { caller, traceparent }), headers)
  },
)
