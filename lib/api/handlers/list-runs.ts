import { listRuns } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleListRuns = handler(listRuns, async ({ query, runtime, request, headers }) => {
  const [{ runs, nextCursor }, counts] = await Promise.all([
    runtime.runs.list(query),
    runtime.runs.countByStatus(),
  ])
  // Of all runs, whatever the filter: what a list shows beside its rows.
  headers.set('x-run-counts', JSON.stringify(counts))
  if (nextCursor) {
    const { pathname, searchParams } = new URL(request.url)
    searchParams.set('cursor', nextCursor)
    headers.set('link', `<${pathname}?${searchParams}>; rel="next"`)
  }
  return runs
})
