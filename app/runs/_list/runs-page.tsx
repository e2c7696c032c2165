'use client'
import { ArrowUp, Plus } from 'lucide-react'
import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { callPage } from '#lib/client/call'
import { listRuns } from '#lib/client/endpoints'
import { fetchRunList } from '#lib/client/fetch-run-list'
import { count } from '#lib/client/format'
import type { RunColumn } from '#lib/client/run-columns'
import { filterQuery, isFiltered } from '#lib/client/run-filter'
import { createRunList, otherRuns, type RunListPage, runList } from '#lib/client/run-list'
import { extendTo, NOTHING_SELECTED, type Selection, toggle, toggleAll } from '#lib/client/selection'
import type { RunStatus } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { useRememberList } from '../../_hooks/use-list-order.ts'
import { Button, ButtonLink } from '../../_ui/button.tsx'
import { useActiveRuns, useLive } from '../../_ui/live-provider.tsx'
import { Main } from '../../_ui/main.tsx'
import { Notice } from '../../_ui/panel.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { TopBar } from '../../_ui/top-bar.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { ColumnsMenu } from './columns-menu.tsx'
import { FilterBar } from './filter-bar.tsx'
import { FirstRun } from './first-run.tsx'
import { NothingMatches } from './nothing-matches.tsx'
import { RunTable } from './run-table.tsx'
import { StatusFacets } from './status-facets.tsx'

export function RunsPage({
  page,
  initialColumns,
  origin,
  defaultCwd,
}: {
  page: RunListPage
  initialColumns: RunColumn[]
  origin: string
  defaultCwd: string
}) {
  const [state, dispatch] = useReducer(runList, page, createRunList)
  const [columns, setColumns] = useState(initialColumns)
  const table = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  useLiveRows(page, dispatch)
  useRememberList(page.filter)

  const { total } = state
  const isEmpty = state.order.length === 0
  const isFirstRun = isEmpty && !isFiltered(state.filter) && total === 0
  const order = [...state.needsYou, ...otherRuns(state)]
  const [selection, setSelection] = useState<Selection>(NOTHING_SELECTED)
  const shownOrder = useRef(order)
  useEffect(() => {
    shownOrder.current = order
  })
  const select = useCallback(
    (runId: string, isRange: boolean) =>
      setSelection(now => (isRange ? extendTo(now, runId, shownOrder.current) : toggle(now, runId))),
    [],
  )
  useRowKeys(table, search, select, !isFirstRun)
  // What another filter hides is not acted on unseen.
  const selected = order.filter(id => selection.ids.has(id)).flatMap(id => state.byId.get(id) ?? [])
  const newRun = (
    <ButtonLink kind="primary" href="/runs/new" hint="n" icon={<Plus aria-hidden className="size-3.5" />}>
      New run
    </ButtonLink>
  )
  if (isFirstRun)
    return (
      <>
        <TopBar crumbs={[{ label: 'Runs' }]}>{newRun}</TopBar>
        <Main>
          <FirstRun origin={origin} cwd={defaultCwd} />
        </Main>
      </>
    )
  return (
    <>
      <TopBar crumbs={[{ label: 'Runs' }]}>{newRun}</TopBar>
      <Main onScroll={e => dispatch({ kind: 'scrolled', scrolled: e.currentTarget.scrollTop > 40 })}>
        <div className="border-b">
          <StatusFacets filter={state.filter} counts={state.counts} />
          <FilterBar filter={state.filter} choices={state.choices} searchRef={search}>
            <ColumnsMenu columns={columns} onChange={setColumns} />
          </FilterBar>
        </div>
        {state.fresh.length > 0 && (
          <div className="pointer-events-none sticky top-2 z-20 flex h-0 justify-center">
            <Button
              kind="primary"
              className="pointer-events-auto mt-2 rounded-full! shadow-pop"
              icon={<ArrowUp aria-hidden className="size-3.5" />}
              onClick={() => {
                dispatch({ kind: 'show_fresh' })
                document.getElementById('main')?.scrollTo({ top: 0 })
              }}
            >
              {count(state.fresh.length, 'new run')}
            </Button>
          </div>
        )}
        {isEmpty ? (
          <NothingMatches filter={state.filter} total={total} />
        ) : (
          // The listeners only keep rows from moving under a pointer or a focus; nothing is operated here.
          <div
            ref={table}
            onPointerEnter={e => e.pointerType === 'mouse' && dispatch({ kind: 'held', held: true })}
            onPointerLeave={e => e.pointerType === 'mouse' && dispatch({ kind: 'held', held: false })}
          >
            <RunTable
              needsYou={state.needsYou.flatMap(id => state.byId.get(id) ?? [])}
              others={otherRuns(state).flatMap(id => state.byId.get(id) ?? [])}
              filter={state.filter}
              columns={columns}
              selected={selection.ids}
              onSelect={select}
              onSelectAll={() => setSelection(now => toggleAll(now, order))}
            />
          </div>
        )}
        <Older state={state} dispatch={dispatch} />
        {selected.length > 0 && <BulkBar runs={selected} onClear={() => setSelection(NOTHING_SELECTED)} />}
      </Main>
    </>
  )
}

type Dispatch = React.Dispatch<Parameters<typeof runList>[1]>

/** Keeps the list true: each change as it comes, and the whole page again when changes may have been missed. */
function useLiveRows(page: RunListPage, dispatch: Dispatch) {
  const live = useLive()
  const active = useActiveRuns()
  // The last status each run was seen in, for the counts of the facets: also of runs that are not in this list.
  const seen = useRef<Map<string, RunStatus> | null>(null)
  seen.current ??= new Map(active.map(r => [r.run_id, r.status]))

  const filter = useRef(page.filter)
  useEffect(() => {
    filter.current = page.filter
    dispatch({ kind: 'rendered', page })
  }, [page, dispatch])
  useEffect(
    () =>
      live?.watchRuns({
        onRun(run) {
          const before = seen.current?.get(run.run_id) ?? null
          seen.current?.set(run.run_id, run.status)
          dispatch({ kind: 'changed', run, before, now: Date.now() })
        },
        onResync() {
          dispatch({ kind: 'resync' })
          const asked = filter.current
          fetchRunList(asked).then(
            found => {
              if (filter.current === asked) dispatch({ kind: 'rendered', page: found })
            },
            () => {}, // gone again: the next connection asks again
          )
        },
      }),
    [live, dispatch],
  )
}

function useRowKeys(
  table: React.RefObject<HTMLElement | null>,
  search: React.RefObject<HTMLInputElement | null>,
  select: (runId: string, isRange: boolean) => void,
  enabled: boolean,
) {
  const focused = () => (document.activeElement as HTMLElement | null)?.dataset.row
  const move = (step: number) => {
    const rows = [...(table.current?.querySelectorAll<HTMLElement>('a[data-row]') ?? [])]
    const at = rows.findIndex(row => row.dataset.row === focused()) // -1 for anything that is no row
    const next = at === -1 ? (step > 0 ? 0 : rows.length - 1) : at + step
    rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus()
  }
  const extend = (step: number) => {
    const from = focused()
    if (from !== undefined) select(from, true)
    move(step)
    const to = focused()
    if (to !== undefined) select(to, true)
  }
  const selectFocused = () => {
    const row = focused()
    if (row !== undefined) select(row, false)
  }
  useShortcuts(
    'list',
    [
      { keys: ['j', 'ArrowDown'], does: 'Next run', hint: 'down', run: () => move(1) },
      { keys: ['k', 'ArrowUp'], does: 'Previous run', hint: 'up', run: () => move(-1) },
      { keys: 'Enter', does: 'Open the run', hint: 'open' },
      { keys: 'x', does: 'Select the run', hint: 'select', run: selectFocused },
      { keys: 'Shift+J', does: 'Select down to the next run', run: () => extend(1) },
      { keys: 'Shift+K', does: 'Select up to the previous run', run: () => extend(-1) },
      { keys: ['/', 'Shift+/'], does: 'Search', hint: 'search', run: () => search.current?.focus() },
    ],
    enabled,
  )
}

function Older({ state, dispatch }: { state: ReturnType<typeof createRunList>; dispatch: Dispatch }) {
  const [loading, setLoading] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const { cursor } = state
  if (cursor === null) return null
  const load = async () => {
    setLoading(true)
    setError(null)
    try {
      const page = await callPage(listRuns, { query: { ...filterQuery(state.filter), cursor, limit: 50 } })
      dispatch({ kind: 'older', runs: page.data, cursor: page.nextCursor })
    } catch (caught) {
      setError(messageOf(caught))
    } finally {
      setLoading(false)
    }
  }
  return (
    <div className="flex flex-col items-center gap-3 p-4">
      {error && <Notice tone="err">{error}</Notice>}
      <Button onClick={load} disabled={loading}>
        {loading ? 'Loading…' : 'Load older runs'}
      </Button>
    </div>
  )
}
