import { listRuns } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleListRuns = handler(listRuns, async ({ query, runtime, request, headers }) => {
  const { runs, nextCursor } = await runtime.runs.list(query)
  if (nextCursor) {
    const { pathname, searchParams } = new URL(request.url)
    searchParams.set('cursor', nextCursor)
    headers.set('link', `<${pathname}?${searchParams}>; rel="next"`)
  }
  return runs
})
