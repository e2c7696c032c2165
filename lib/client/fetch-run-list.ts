// The first page of the runs list as the server renders it, for a page that is open already. Not by a refresh of the router:
// when that fails, because the server has gone again, the browser leaves the page for its own error page.
import type { RunCounts } from '../contract/runs.ts'
import { call, callPage } from './call.ts'
import { countRuns, listRuns } from './endpoints.ts'
import { countsQuery, filterQuery, type RunFilter } from './run-filter.ts'
import type { RunListPage } from './run-list.ts'

export async function fetchRunList(filter: RunFilter): Promise<RunListPage> {
  const query = filterQuery(filter)
  const showsWaiting = filter.status === '' || filter.status.split(',').includes('waiting')
  const [page, waiting, counts] = await Promise.all([
    callPage(listRuns, { query: { ...query, limit: 50 } }),
    // Whoever waits for a person is shown, however old.
    showsWaiting ? callPage(listRuns, { query: { ...query, status: 'waiting', limit: 200 } }) : null,
    call(countRuns, { query: countsQuery(filter) }),
  ])
  const here = new Set(page.data.map(run => run.run_id))
  return {
    filter,
    runs: [...page.data, ...(waiting?.data ?? []).filter(run => !here.has(run.run_id))],
    ...pageCounts(counts),
    cursor: page.nextCursor,
  }
}

/** What a page shows of the counts. */
export const pageCounts = ({ status, total, ...choices }: RunCounts) => ({ counts: status, total, choices })
