import { getDiff } from '#lib/contract/run-history'
import { handler } from '../route.ts'

export const handleGetDiff = handler(getDiff, async ({ params, query, runtime }) =>
  runtime.redact(await runtime.runs.diff(params.run_id, query)),
)
