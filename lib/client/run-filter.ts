// The filter of the runs list: what stands in the URL, what is asked of the server, and which live runs belong to it.
import type { RunSort, RunSummary } from '../contract/runs.ts'
import { NEWEST_FIRST, readSort } from './run-sort.ts'
import { STATUSES } from './status.ts'

/** Empty string: any. Values as in the query of GET /api/runs. */
export interface RunFilter {
  status: string
  goal: string
  cwd: string
  model_name: string
  since: string
  q: string
  /** Not what is shown but in which order. */
  sort: RunSort
}

export const NO_FILTER: RunFilter = {
  status: '',
  goal: '',
  cwd: '',
  model_name: '',
  since: '',
  q: '',
  sort: NEWEST_FIRST,
}

/** Reads the page's URL. Unknown statuses and ages are dropped: a mistyped link shows more, never an error. */
export function readFilter(search: Record<string, string | string[] | undefined>): RunFilter {
  const one = (name: keyof RunFilter) => {
    const value = search[name]
    return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim()
  }
  const known: readonly string[] = STATUSES
  return {
    status: one('status')
      .split(',')
      .filter(s => known.includes(s))
      .join(','),
    goal: one('goal'),
    cwd: one('cwd'),
    model_name: one('model_name'),
    since: sinceMs(one('since'), 0) === null ? '' : one('since'),
    q: one('q').slice(0, 500),
    sort: readSort(one('sort')),
  }
}

/** The link to the list with this filter. */
export function filterHref(filter: RunFilter): string {
  const search = new URLSearchParams(Object.entries(filterQuery(filter)))
  return search.size > 0 ? `/runs?${search}` : '/runs'
}

/** For `call(listRuns, { query })` and `runs.list`: what differs from the plain list. */
export function filterQuery(filter: RunFilter): Partial<RunFilter> {
  return Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => value !== NO_FILTER[name as keyof RunFilter]), // its own keys
  )
}

/** For `call(countRuns, { query })`: an order counts nothing. */
export function countsQuery(filter: RunFilter): Partial<Omit<RunFilter, 'sort'>> {
  const { sort: _, ...query } = filterQuery(filter)
  return query
}

export const isFiltered = (filter: RunFilter): boolean => Object.keys(countsQuery(filter)).length > 0

/** As the server decides it, for a run that has just changed. */
export function matches(run: RunSummary, filter: RunFilter, now: number): boolean {
  const among = (values: string, value: string) => values === '' || values.split(',').includes(value)
  if (!among(filter.status, run.status) || !among(filter.goal, run.goal)) return false
  if (!among(filter.cwd, run.cwd) || !among(filter.model_name, run.model_name)) return false
  const since = sinceMs(filter.since, now)
  if (since !== null && Date.parse(run.created_at) < since) return false
  const wanted = filter.q.toLowerCase()
  return [run.goal, run.cwd, run.run_id].some(text => text.toLowerCase().includes(wanted))
}

/** An ISO time, or an age such as `30m`, `12h`, `7d`; null when it is neither. */
export function sinceMs(since: string, now: number): number | null {
  const ageOf = since.match(/^(\d+)([mhd])$/)
  if (ageOf)
    return now - Number(ageOf[1]) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[ageOf[2] as 'm' | 'h' | 'd']
  const time = since === '' ? Number.NaN : Date.parse(since)
  return Number.isNaN(time) ? null : time
}
