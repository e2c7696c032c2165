'use client'
// The rows that the stream shows: of one iteration or all, filtered, without those of folded iterations.
import { useEffect, useReducer, useRef } from 'react'
import type { Row, RunView } from '#lib/contract/run-view'
import { isEmptyFilter, isErrorRow, matches, parseFilter, prepare } from './filter-rows.ts'
import { createScan, type Scan } from './scan-rows.ts'

export interface RowChoice {
  density: 'compact' | 'all'
  iteration: number | null
  filter: string
  errorsOnly: boolean
  folded: ReadonlySet<number>
}

export interface ChosenRows {
  rows: readonly Row[]
  /** Older rows are not looked at yet: there may be more. */
  isLooking: boolean
  errors: number
}

/** Looking at rows may take so long per frame, twice: for what is shown, and for errors. What is found first is drawn in time for the next frame. */
const SLICE_MS = 6

export function useRows(view: RunView, choice: RowChoice): ChosenRows {
  const { density, iteration, filter: typed, errorsOnly, folded } = choice
  const shown = useScan(view, [density, iteration, typed, errorsOnly, folded], () => {
    const filter = parseFilter(typed)
    const isFiltered = !isEmptyFilter(filter) || errorsOnly
    const rowsOf = () => (density === 'all' ? view.allRows() : view.rows)
    if (!isFiltered && iteration === null && folded.size === 0) return createScan(rowsOf, null)
    return createScan(rowsOf, row => {
      if (iteration !== null && row.iteration !== iteration) return false
      if (isFiltered) return matches(row, filter) && (!errorsOnly || isErrorRow(row))
      return row.type === 'iteration' || !folded.has(row.iteration)
    })
  })
  const errors = useScan(view, [], () => createScan(() => view.rows, isErrorRow))
  const again = useReducer((n: number) => n + 1, 0)[1]
  const isLooking = !shown.isDone() || !errors.isDone()
  // Not in the frame that is being drawn: the page answers in between.
  useEffect(() => {
    if (!isLooking) return
    const timer = setTimeout(again, 0)
    return () => clearTimeout(timer)
  })
  usePrepared(view)
  return { rows: shown.rows(), isLooking: !shown.isDone(), errors: errors.rows().length }
}

function useScan(view: RunView, choice: unknown[], make: () => Scan): Scan {
  const held = useRef<{ view: RunView; choice: unknown[]; scan: Scan } | null>(null)
  const before = held.current
  if (!before || before.view !== view || before.choice.some((value, i) => value !== choice[i])) {
    held.current = { view, choice, scan: make() }
  }
  const { scan } = held.current!
  scan.look(view.version, SLICE_MS)
  return scan
}

const PREPARED_AT_ONCE = 100

/** While nothing else is to be done, makes the texts that a filter looks at: the first key typed finds them. */
function usePrepared(view: RunView) {
  useEffect(() => {
    if (typeof requestIdleCallback === 'undefined') return
    let at = 0
    let handle = requestIdleCallback(work)
    function work(deadline: IdleDeadline) {
      const { rows } = view
      while (at < rows.length && deadline.timeRemaining() > 2)
        for (const end = Math.min(rows.length, at + PREPARED_AT_ONCE); at < end; at++) prepare(rows[at]!)
      if (at < rows.length) handle = requestIdleCallback(work)
    }
    return () => cancelIdleCallback(handle)
  }, [view])
}
