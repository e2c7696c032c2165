import { useEffect } from 'react'
import { callPage } from '#lib/client/call'
import { listRuns } from '#lib/client/endpoints'
import { neighbourRun } from '#lib/client/neighbour-run'
import { filterHref, filterQuery, NO_FILTER, type RunFilter, readFilter } from '#lib/client/run-filter'

/** Of this tab: another one may look at another list. */
const KEPT = 'retrai.list'

/** The list says which runs it shows, and in which order, for whoever steps through them from a run's page. */
export function useRememberList(filter: RunFilter): void {
  const href = filterHref(filter)
  useEffect(() => {
    try {
      sessionStorage.setItem(KEPT, href)
    } catch {
      // storage is barred in this browser: runs are stepped through newest first
    }
  }, [href])
}

function rememberedList(): RunFilter {
  try {
    const href = sessionStorage.getItem(KEPT)
    if (href) return readFilter(Object.fromEntries(new URL(href, window.location.href).searchParams))
  } catch {
    // as above
  }
  return NO_FILTER
}

/** The run below (1) or above (-1) this one in the list it was opened from; null at its ends. */
export function neighbourInList(runId: string, by: 1 | -1): Promise<string | null> {
  const query = filterQuery(rememberedList())
  return neighbourRun(runId, by, async cursor => {
    const { data, nextCursor } = await callPage(listRuns, {
      query: { ...query, limit: 200, cursor: cursor ?? undefined },
    })
    return { runs: data, next: nextCursor }
  })
}
