import { getDiff } from '#lib/contract/run-history'
import { handler } from '../route.ts'

export const handleGetDiff = handler(getDiff, ({ params, query, runtime }) =>
  runtime.runs.diff(params.run_id, query),
)
