// The rows that the stream shows: of one iteration or all, filtered, without those of folded iterations.
import { useRef } from 'react'
import type { Row, RunView } from '#lib/contract/run-view'
import { isEmptyFilter, isErrorRow, matches, parseFilter } from './filter-rows.ts'

export interface RowChoice {
  density: 'compact' | 'all'
  iteration: number | null
  filter: string
  errorsOnly: boolean
  folded: ReadonlySet<number>
}

export function useRows(view: RunView, choice: RowChoice): { rows: readonly Row[]; errors: number } {
  const { density, iteration, filter: typed, errorsOnly, folded } = choice
  const shown = useScan(view, [density, iteration, typed, errorsOnly, folded], () => {
    const filter = parseFilter(typed)
    const isFiltered = !isEmptyFilter(filter) || errorsOnly
    const rowsOf = () => (density === 'all' ? view.allRows() : view.rows)
    if (!isFiltered && iteration === null && folded.size === 0) return { rowsOf, keeps: null }
    const keeps = (row: Row) => {
      if (iteration !== null && row.iteration !== iteration) return false
      if (isFiltered) return matches(row, filter) && (!errorsOnly || isErrorRow(row))
      return row.type === 'iteration' || !folded.has(row.iteration)
    }
    return { rowsOf, keeps }
  })
  const errors = useScan(view, [], () => ({ rowsOf: () => view.rows, keeps: isErrorRow }))
  return { rows: shown, errors: errors.length }
}

interface Scan {
  rowsOf(): readonly Row[]
  /** null: every row. */
  keeps: ((row: Row) => boolean) | null
}

interface Scanned extends Scan {
  view: RunView
  version: number
  choice: unknown[]
  /** Rows before this index are looked at and cannot change any more. */
  settled: number
  kept: Row[]
  rows: readonly Row[]
}

/** Looks at each row once, and again only at those that may still change: a long history is not filtered anew per frame. */
function useScan(view: RunView, choice: unknown[], make: () => Scan): readonly Row[] {
  const scanned = useRef<Scanned | null>(null)
  const before = scanned.current
  if (!before || before.view !== view || before.choice.some((value, i) => value !== choice[i])) {
    scanned.current = { ...make(), view, version: -1, choice, settled: 0, kept: [], rows: [] }
  }
  const scan = scanned.current!
  if (scan.version !== view.version) {
    scan.version = view.version
    scan.rows = look(scan)
  }
  return scan.rows
}

function look(scan: Scanned): readonly Row[] {
  const { keeps } = scan
  const rows = scan.rowsOf()
  if (!keeps) return rows
  while (scan.settled < rows.length && !mayChange(rows[scan.settled]!)) {
    const row = rows[scan.settled++]!
    if (keeps(row)) scan.kept.push(row)
  }
  return [...scan.kept, ...rows.slice(scan.settled).filter(keeps)]
}

function mayChange(row: Row): boolean {
  if (row.type === 'gate') return row.response === null
  if (row.type === 'event') return row.readSeq === null
  return 'state' in row && row.state === 'open'
}
