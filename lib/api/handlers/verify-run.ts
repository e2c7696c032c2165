import { verifyRun } from '#lib/contract/evidence'
import { handler } from '../route.ts'

export const handleVerifyRun = handler(verifyRun, async ({ params, body, runtime, request }) =>
  runtime.redact(await runtime.runs.verify(params.run_id, { ...body, signal: request.signal })),
)
