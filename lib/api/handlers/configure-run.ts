import { configureRun } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleConfigureRun = handler(configureRun, ({ params, body, runtime, caller }) =>
  runtime.runs.configure(params.run_id, body, caller),
)
