import { getRun } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleGetRun = handler(getRun, ({ params, query, runtime, request }) =>
  query.wait === undefined
    ? runtime.runs.get(params.run_id)
    : runtime.runs.waitForChange(params.run_id, query.wait, request.signal),
)
