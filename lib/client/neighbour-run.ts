// The run above or below one, in the order of the list it was opened from.
import type { RunSummary } from '../contract/runs.ts'

export interface ListPage {
  runs: readonly Pick<RunSummary, 'run_id'>[]
  next: string | null
}

/** A run that is further down than this has no neighbours: nobody steps through thousands. */
const MOST_PAGES = 5

/** `by` 1: the next one down. null at an end of the list, and for a run that is not in it. */
export async function neighbourRun(
  runId: string,
  by: 1 | -1,
  pageAt: (cursor: string | null) => Promise<ListPage>,
): Promise<string | null> {
  let above: string | null = null
  let isFound = false
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const { runs, next }: ListPage = await pageAt(cursor)
    for (const { run_id } of runs) {
      if (isFound) return run_id
      if (run_id !== runId) above = run_id
      else if (by === -1) return above
      else isFound = true
    }
    if (next === null) return null
    cursor = next
  }
  return null
}
