import { ArrowDown, ArrowUp } from 'lucide-react'
import Link from 'next/link'
import type { RunColumn } from '#lib/client/run-columns'
import { filterHref, type RunFilter } from '#lib/client/run-filter'
import { isDescending, nextSort, sortKey } from '#lib/client/run-sort'
import type { RunSortKey, RunSummary } from '#lib/contract/runs'
import { RunRow } from './run-row.tsx'
import { SelectBox } from './select-box.tsx'

/** null: always shown. */
const COLUMNS: [id: RunColumn | null, title: string, width: string, sort?: RunSortKey][] = [
  [null, 'Status', 'w-38'],
  ['run', 'Run', 'w-22 hidden @5xl:table-cell'],
  [null, 'Goal · project', ''],
  ['iterations', 'Iter', 'w-18 text-right', 'iterations'],
  ['failing', 'Failing', 'w-18 text-right', 'failing'],
  ['trend', 'Trend', 'w-24 hidden @4xl:table-cell'],
  ['lines', 'Δ lines', 'w-26 text-right hidden @4xl:table-cell'],
  ['model', 'Model', 'w-40 hidden @4xl:table-cell'],
  ['tokens', 'Tokens', 'w-18 text-right hidden @4xl:table-cell', 'tokens'],
  ['cost', 'Cost', 'w-22 text-right', 'cost'],
  ['age', 'Age', 'w-16 text-right', 'created'],
]

export interface Selecting {
  selected: ReadonlySet<string>
  /** `isRange`: all rows from the one that was selected before to this one. */
  onSelect(runId: string, isRange: boolean): void
}

/** Runs, one per row; those that wait for a person on top. Under 640 px each row is two stacked lines. */
export function RunTable({
  needsYou,
  others,
  filter,
  columns,
  selected,
  onSelect,
  onSelectAll,
}: Selecting & {
  needsYou: RunSummary[]
  others: RunSummary[]
  filter: RunFilter
  columns: readonly RunColumn[]
  onSelectAll(): void
}) {
  const hasAll = [...needsYou, ...others].every(run => selected.has(run.run_id))
  const rows = (runs: RunSummary[]) =>
    runs.map(run => (
      <RunRow
        key={run.run_id}
        run={run}
        columns={columns}
        isSelected={selected.has(run.run_id)}
        onSelect={onSelect}
      />
    ))
  return (
    <table className="w-full table-fixed border-collapse @max-2xl:block">
      <caption className="sr-only">Runs</caption>
      <thead className="@max-2xl:sr-only">
        <tr className="h-8 border-b text-2xs text-muted">
          <th scope="col" className="w-10 text-left @max-2xl:hidden">
            <SelectBox
              label={hasAll ? 'Select none' : 'Select all that are shown'}
              checked={hasAll}
              isMixed={!hasAll && selected.size > 0}
              onChange={onSelectAll}
            />
          </th>
          {COLUMNS.filter(([id]) => id === null || columns.includes(id)).map(([, title, width, sort]) => (
            <th
              key={title}
              scope="col"
              aria-sort={sort && sortOf(filter, sort)}
              className={`px-2 text-left font-medium last:pr-4 ${width}`}
            >
              {sort ? <SortLink title={title} sort={sort} filter={filter} /> : title}
            </th>
          ))}
        </tr>
      </thead>
      {needsYou.length > 0 && (
        <tbody className="@max-2xl:block">
          <GroupHead className="bg-gate-tint text-gate-text">Needs you</GroupHead>
          {rows(needsYou)}
        </tbody>
      )}
      <tbody className="@max-2xl:block">
        {needsYou.length > 0 && others.length > 0 && (
          <GroupHead className="bg-panel text-muted">All others</GroupHead>
        )}
        {rows(others)}
      </tbody>
    </table>
  )
}

/** Age is the other way round than the time it is counted from: the newest is the youngest. */
function sortOf(filter: RunFilter, key: RunSortKey): 'ascending' | 'descending' | undefined {
  if (sortKey(filter.sort) !== key) return undefined
  return isDescending(filter.sort) === (key === 'created') ? 'ascending' : 'descending'
}

function SortLink({ title, sort, filter }: { title: string; sort: RunSortKey; filter: RunFilter }) {
  const direction = sortOf(filter, sort)
  const Icon = direction === 'ascending' ? ArrowUp : ArrowDown
  return (
    <>
      <Link
        href={filterHref({ ...filter, sort: nextSort(filter.sort, sort) })}
        replace
        scroll={false}
        prefetch={false}
        title={`Order by ${title.toLowerCase()}`}
        className={`inline-flex h-6 min-w-6 items-center gap-0.5 rounded-sm hover:text-text coarse:h-11 @max-2xl:hidden ${direction ? 'text-text' : ''}`}
      >
        {direction && <Icon aria-hidden className="size-3" />}
        {title}
      </Link>
      {/* Stacked rows have no head that is seen: nothing in it may take the focus. */}
      <span className="hidden @max-2xl:inline">{title}</span>
    </>
  )
}

/** No colSpan: it would make columns of those that are hidden where there is little room. */
function GroupHead({ className, children }: { className: string; children: string }) {
  return (
    <tr className="relative h-7 border-b @max-2xl:block">
      <th scope="rowgroup" className="text-left">
        <span
          className={`absolute inset-0 flex items-center px-4 text-2xs font-semibold tracking-wide uppercase @max-2xl:px-3 ${className}`}
        >
          {children}
        </span>
      </th>
    </tr>
  )
}
