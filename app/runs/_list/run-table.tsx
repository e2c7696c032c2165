import type { RunSummary } from '#lib/contract/runs'
import { RunRow } from './run-row.tsx'

const COLUMNS = [
  ['Status', 'w-38'],
  ['Run', 'w-22 hidden @5xl:table-cell'],
  ['Goal · project', ''],
  ['Iter', 'w-18 text-right'],
  ['Failing', 'w-18 text-right'],
  ['Trend', 'w-24 hidden @4xl:table-cell'],
  ['Δ lines', 'w-26 text-right hidden @4xl:table-cell'],
  ['Cost', 'w-22 text-right'],
  ['Age', 'w-16 text-right'],
] as const

/** Runs, one per row; those that wait for a person on top. Under 640 px each row is two stacked lines. */
export function RunTable({ needsYou, others }: { needsYou: RunSummary[]; others: RunSummary[] }) {
  return (
    <table className="w-full table-fixed border-collapse @max-2xl:block">
      <caption className="sr-only">Runs, newest first</caption>
      <thead className="@max-2xl:sr-only">
        <tr className="h-8 border-b text-2xs text-muted">
          {COLUMNS.map(([title, width]) => (
            <th
              key={title}
              scope="col"
              className={`px-2 text-left font-medium first:pl-4 last:pr-4 ${width}`}
            >
              {title}
            </th>
          ))}
        </tr>
      </thead>
      {needsYou.length > 0 && (
        <tbody className="@max-2xl:block">
          <GroupHead className="bg-gate-tint text-gate-text">Needs you</GroupHead>
          {needsYou.map(run => (
            <RunRow key={run.run_id} run={run} />
          ))}
        </tbody>
      )}
      <tbody className="@max-2xl:block">
        {needsYou.length > 0 && others.length > 0 && (
          <GroupHead className="bg-panel text-muted">All others</GroupHead>
        )}
        {others.map(run => (
          <RunRow key={run.run_id} run={run} />
        ))}
      </tbody>
    </table>
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
