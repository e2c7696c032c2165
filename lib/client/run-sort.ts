// The order of the runs list: what stands in the URL, and how a run that has just come is put in its place.
import type { RunSort, RunSortKey, RunSummary } from '../contract/runs.ts'

/** As in the contract, without its schemas. */
export const SORT_KEYS = [
  'created',
  'updated',
  'iterations',
  'failing',
  'cost',
  'tokens',
] as const satisfies readonly RunSortKey[]

export const NEWEST_FIRST: RunSort = '-created'

/** Anything unknown is the usual order: a mistyped link shows the list, never an error. */
export function readSort(value: string): RunSort {
  const known: readonly string[] = SORT_KEYS
  return known.includes(value.replace(/^-/, '')) ? (value as RunSort) : NEWEST_FIRST // checked on this line
}

export const isDescending = (sort: RunSort): boolean => sort.startsWith('-')

export const sortKey = (sort: RunSort): RunSortKey => sort.replace(/^-/, '') as RunSortKey // all that RunSort has

/** What pressing a column's head leads to: largest first, then smallest, then the usual order again. */
export function nextSort(sort: RunSort, key: RunSortKey): RunSort {
  if (sortKey(sort) !== key) return `-${key}`
  if (isDescending(sort)) return key
  return NEWEST_FIRST
}

/** As the server orders: what has no value comes last in both directions, and the id decides between equals. */
export function compareRuns(sort: RunSort): (a: RunSummary, b: RunSummary) => number {
  const value = VALUES[sortKey(sort)]
  const sign = isDescending(sort) ? -1 : 1
  return (a, b) => {
    const [x, y] = [value(a), value(b)]
    if (x !== y) {
      if (x === null) return 1
      if (y === null) return -1
      return x < y ? -sign : sign
    }
    return a.run_id === b.run_id ? 0 : a.run_id < b.run_id ? -sign : sign
  }
}

const VALUES: Record<RunSortKey, (run: RunSummary) => number | null> = {
  created: run => Date.parse(run.created_at),
  updated: run => Date.parse(run.updated_at),
  iterations: run => run.iteration,
  failing: run => run.failing,
  cost: run => run.estimated_cost_usd,
  tokens: run => run.total_tokens,
}
