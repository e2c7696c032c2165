import { resumeRun } from '#lib/contract/gates'
import { handler } from '../route.ts'

export const handleResumeRun = handler(resumeRun, ({ params, body, runtime, caller }) =>
  runtime.runs.resume(params.run_id, body, caller),
)
