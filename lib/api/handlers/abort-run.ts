import { abortRun } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleAbortRun = handler(abortRun, ({ params, body, runtime, caller }) =>
  runtime.runs.abort(params.run_id, { caller, reason: body?.reason }),
)
