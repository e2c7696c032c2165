import { getRun, Run } from '#lib/contract/runs'
import { handler, isKnown } from '../route.ts'

export const handleGetRun = handler(getRun, async ({ params: { run_id }, query, runtime, request }) => {
  if (query.wait === undefined) return runtime.runs.get(run_id)
  if (!request.headers.has('if-none-match'))
    return runtime.runs.waitForChange(run_id, query.wait, request.signal)
  // Who says what it has learns of a change also when that came between two of its questions.
  const run = await runtime.runs.get(run_id)
  if (!isKnown(request, JSON.stringify(Run.parse(run)))) return run
  return runtime.runs.waitForChange(run_id, query.wait, request.signal, run.status)
})
