import { verifyRun } from '#lib/contract/evidence'
import { handler } from '../route.ts'

export const handleVerifyRun = handler(verifyRun, ({ params, body, runtime, request }) =>
  runtime.runs.verify(params.run_id, { ...body, signal: request.signal }),
)
