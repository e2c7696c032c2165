'use client'
import clsx from 'clsx'
import { CircleAlert, Clock3, Pause, Play, Rows3, Rows4, Search, X } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { count } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { Row } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import type { RunEvents } from '../../_hooks/run-events.ts'
import { Button, IconButton } from '../../_ui/button.tsx'
import { copyText } from '../../_ui/copy-button.tsx'
import { Empty, Failure, Loading } from '../../_ui/panel.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { EventList, type EventListHandle } from './event-list.tsx'
import { isErrorRow } from './filter-rows.ts'
import { LiveTail } from './live-tail.tsx'
import { rowMarkdown } from './row-markdown.ts'
import { IterationHeader, type RowHandlers, RowView } from './row-view.tsx'
import { type ChangeUrl, type RunUrl, searchOf } from './run-url.ts'
import { useIterationView } from './use-iteration-view.ts'
import { useRows } from './use-rows.ts'

const NO_TEXT = undefined

/** The stream: what the run thought, did and was told, newest last. */
export function Activity({
  store,
  run,
  url,
  change,
}: {
  store: RunEvents
  run: Run
  url: RunUrl
  change: ChangeUrl
}) {
  const held = useIterationView(run.run_id, store, url.iter)
  const view = held.state === 'ready' ? held.view : store.view()
  const list = useRef<EventListHandle>(null)
  const search = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useFilterText(url.f, change)
  const [errorsOnly, setErrorsOnly] = useState(false)
  const [clock, setClock] = useState(false)
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => openedAtFirst(store, url))
  const [selectedKey, setSelected] = useState<string | null>(() => keyOfEvent(store, url))
  const [follows, setFollows] = useState(url.ev === null)
  const [said, say] = useSaid()
  const isLive = !isFinal(run.status)
  const startedAt = Date.parse(run.created_at)

  const { rows, isLooking, errors } = useRows(view, {
    density: url.view,
    iteration: url.iter,
    filter: typed,
    errorsOnly,
    folded,
  })
  const newRows = useNewRows(rows.length, follows)
  const isFiltered = typed !== '' || errorsOnly

  useEffect(() => {
    const timer = setTimeout(() => change({ ev: seqOfKey(rowsNow.current, selectedKey) }), 250)
    return () => clearTimeout(timer)
  }, [selectedKey, change])
  const rowsNow = useRef(rows)
  rowsNow.current = rows

  const select = useCallback((key: string | null) => {
    setSelected(key)
    if (key !== null) setFollows(false)
  }, [])
  const toggle = useCallback((key: string) => setOpened(before => toggled(before, key)), [])
  const fold = useCallback((key: string) => {
    setFolded(before => toggled(before, Number(key.slice(1))))
    setFollows(false)
  }, [])
  const handlers = useMemo<RowHandlers>(
    () => ({
      onSelect: select,
      onToggle: toggle,
      linkTo: row => `/runs/${run.run_id}${searchOf({ ...PLAIN, view: url.view, ev: row.seq })}`,
    }),
    [select, toggle, run.run_id, url.view],
  )

  function followAgain() {
    setSelected(null)
    setFollows(true)
    list.current?.scrollToEnd()
  }

  function move(by: number) {
    const at =
      selectedKey === null ? (by < 0 ? rows.length : rows.length - 1 - by) : indexOfKey(rows, selectedKey)
    goTo(at + by)
  }
  function goTo(index: number) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    select(row.key)
    list.current?.scrollToKey(row.key)
    list.current?.focusKey(row.key)
  }
  function openSelected(wanted: boolean | null) {
    const row = rows.find(r => r.key === selectedKey)
    if (!row) return
    if (row.type === 'iteration') return fold(row.key)
    if (wanted === null || opened.has(row.key) !== wanted) toggle(row.key)
  }
  function nextError() {
    const at = selectedKey === null ? -1 : indexOfKey(rows, selectedKey)
    const next = rows.findIndex((row, i) => i > at && isErrorRow(row))
    const found = next === -1 ? rows.findIndex(isErrorRow) : next
    if (found === -1) say('No errors here')
    else goTo(found)
  }
  const selectedRow = () => rows.find(r => r.key === selectedKey)
  async function copy(text: string, what: string) {
    say((await copyText(text)) ? `${what} copied` : 'This browser does not let the page copy')
  }
  function setAll(open: boolean) {
    const iteration = rows.find(r => r.key === selectedKey)?.iteration ?? run.iteration
    setOpened(before => {
      const next = new Set(before)
      for (const row of rows) {
        if (row.iteration !== iteration || row.type === 'iteration') continue
        if (open) next.add(row.key)
        else next.delete(row.key)
      }
      return next
    })
  }

  useShortcuts('list', [
    { keys: ['j', 'ArrowDown'], does: 'Next event', hint: 'row', run: () => move(1) },
    { keys: ['k', 'ArrowUp'], does: 'Event before', run: () => move(-1) },
    {
      keys: ['o', 'ArrowRight'],
      does: 'Open the event (or ↵ on it)',
      hint: 'open',
      run: () => openSelected(null),
    },
    { keys: ['h', 'ArrowLeft'], does: 'Close the event', run: () => openSelected(false) },
    { keys: 'e', does: 'Open all events of this iteration', run: () => setAll(true) },
    { keys: 'Shift+E', does: 'Close all events of this iteration', run: () => setAll(false) },
    { keys: 'Home', does: 'First event', run: () => goTo(0) },
    { keys: ['End', 'Shift+G'], does: 'Newest event, and follow', run: followAgain },
    {
      keys: 'p',
      does: 'Pause or resume following',
      hint: 'pause',
      run: () => (follows ? setFollows(false) : followAgain()),
    },
    { keys: 'f', does: 'Errors only', run: () => setErrorsOnly(!errorsOnly) },
    { keys: 'Shift+F', does: 'Next error', run: nextError },
    {
      keys: 'v',
      does: 'Compact or all events',
      run: () => change({ view: url.view === 'all' ? 'compact' : 'all' }),
    },
    { keys: 't', does: 'Times: since the start, or of the clock', run: () => setClock(!clock) },
    { keys: '/', does: 'Filter the events', hint: 'filter', run: () => search.current?.focus() },
    {
      keys: 'y',
      does: 'Copy a link to the selected event',
      run: () => {
        const row = selectedRow()
        const path = row ? handlers.linkTo(row) : window.location.pathname + window.location.search
        void copy(new URL(path, window.location.href).href, 'Link')
      },
    },
    {
      keys: 'c',
      does: 'Copy the selected event as Markdown',
      run: () => {
        const row = selectedRow()
        if (row)
          void copy(rowMarkdown(row, new URL(handlers.linkTo(row), window.location.href).href), 'Event')
      },
    },
  ])

  const goesOn = (row: Row) => 'state' in row && row.state === 'open' && isLive
  /** What comes in is shown without opening the row. */
  const showsLive = (row: Row) =>
    goesOn(row) && (row.type === 'think' ? store.liveText() !== '' : liveOf(store, row) !== undefined)
  const renderRow = (row: Row) => {
    if (row.type === 'iteration')
      return (
        <IterationHeader
          iteration={row.iteration}
          facts={store.view().iteration(row.iteration)}
          isFolded={folded.has(row.iteration)}
          status={run.status}
          isSelected={row.key === selectedKey}
          rowKey={row.key}
          onToggle={fold}
        />
      )
    const isOpen = opened.has(row.key)
    const live = goesOn(row) ? liveOf(store, row) : undefined
    return (
      <RowView
        row={row}
        isOpen={isOpen}
        isSelected={row.key === selectedKey}
        isTarget={row.key === selectedKey && !follows && url.ev !== null && row.key === targetKey.current}
        startedAt={startedAt}
        clock={clock}
        text={goesOn(row) && row.type === 'think' ? store.liveText() || NO_TEXT : NO_TEXT}
        live={live}
        handlers={handlers}
      />
    )
  }
  /** The row a link led to is marked until something else is chosen. */
  const targetKey = useRef(url.ev === null ? null : selectedKey)

  return (
    <section aria-label="Activity" className="relative flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-1 border-b px-2 py-1">
        <label className="relative min-w-0 flex-1 basis-40">
          <span className="sr-only">Filter events: words, kind:, tool:, status:</span>
          <Search
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-muted"
          />
          <input
            ref={search}
            type="text"
            value={typed}
            placeholder="Filter: words, tool:bash, status:error"
            onChange={event => setTyped(event.target.value)}
            onKeyDown={event => {
              if (event.key !== 'Escape') return
              setTyped('')
              event.currentTarget.blur()
            }}
            className="h-7 w-full min-w-0 rounded-md bg-transparent pr-7 pl-7 hover:bg-panel focus:bg-panel coarse:h-11 coarse:text-[16px]"
          />
          {typed && (
            <IconButton
              label="Clear the filter"
              onClick={() => setTyped('')}
              className="absolute! top-0 right-0"
            >
              <X aria-hidden className="size-3.5" />
            </IconButton>
          )}
        </label>
        <Button
          kind="quiet"
          aria-pressed={errorsOnly}
          onClick={() => setErrorsOnly(!errorsOnly)}
          icon={<CircleAlert aria-hidden className={clsx('size-3.5', errors > 0 && 'text-err')} />}
          className={clsx(errorsOnly && 'bg-raised! text-text!')}
          title="Errors only (f)"
        >
          <span className="hidden @lg:inline">Errors</span> {errors}
        </Button>
        <IconButton
          label={url.view === 'all' ? 'Group related events (v)' : 'Show all events one by one (v)'}
          aria-pressed={url.view === 'all'}
          onClick={() => change({ view: url.view === 'all' ? 'compact' : 'all' })}
          className={clsx(url.view === 'all' && 'bg-raised! text-text!')}
        >
          {url.view === 'all' ? (
            <Rows4 aria-hidden className="size-3.5" />
          ) : (
            <Rows3 aria-hidden className="size-3.5" />
          )}
        </IconButton>
        <IconButton
          label={clock ? 'Times since the start (t)' : 'Times of the clock (t)'}
          aria-pressed={clock}
          onClick={() => setClock(!clock)}
          className={clsx('hidden @2xl:inline-flex', clock && 'bg-raised! text-text!')}
        >
          <Clock3 aria-hidden className="size-3.5" />
        </IconButton>
        {isLive && (
          <IconButton
            label={follows ? 'Pause following (p)' : 'Follow the newest (p)'}
            aria-pressed={!follows}
            onClick={() => (follows ? setFollows(false) : followAgain())}
            className={clsx(!follows && 'bg-raised! text-text!')}
          >
            {follows ? <Pause aria-hidden className="size-3.5" /> : <Play aria-hidden className="size-3.5" />}
          </IconButton>
        )}
      </div>
      {held.state === 'failed' ? (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <Failure title="The events of this iteration could not be loaded" detail={held.message} />
        </div>
      ) : held.state === 'loading' ? (
        <div className="min-h-0 flex-1">
          <Loading label="Loading the iteration" />
        </div>
      ) : rows.length === 0 ? (
        <div className="min-h-0 flex-1 overflow-y-auto">
          {isLooking ? (
            <Loading label="Looking at older events" />
          ) : isFiltered ? (
            <Empty
              title="No events match"
              actions={
                <>
                  <Button
                    onClick={() => {
                      setErrorsOnly(false)
                      setTyped('')
                    }}
                  >
                    Clear the filter
                  </Button>
                  {store.older() === 'more' && (
                    <Button onClick={() => void store.loadOlder()}>Look in older events</Button>
                  )}
                </>
              }
            >
              {count(view.events.length, 'event')} looked at.
            </Empty>
          ) : (
            <Empty
              title={
                url.iter === null ? 'Nothing has happened yet' : 'No events of this iteration are loaded'
              }
            >
              {isLive ? 'Events appear here as they happen.' : 'This run ended before its first event.'}
            </Empty>
          )}
        </div>
      ) : (
        <EventList
          key={`${url.view} ${url.iter ?? ''}`}
          rows={rows}
          version={view.version}
          renderRow={renderRow}
          isOneLine={row => row.type !== 'iteration' && !opened.has(row.key) && !showsLive(row)}
          renderSticky={iteration => (
            <IterationHeader
              iteration={iteration}
              facts={store.view().iteration(iteration)}
              isFolded={false}
              status={run.status}
              isCopy
              rowKey={`i${iteration}`}
              onToggle={fold}
            />
          )}
          selectedKey={selectedKey}
          follows={follows}
          onFollowChange={setFollows}
          newRows={newRows}
          onFollow={followAgain}
          onReachTop={() => {
            if (url.iter === null && store.older() === 'more') void store.loadOlder()
          }}
          top={<Older store={store} />}
          handle={list}
        />
      )}
      <p
        role="status"
        className={clsx(
          'absolute right-3 bottom-11 z-30 rounded-md border bg-raised px-2 py-1 text-xs shadow-pop',
          said === '' && 'sr-only',
        )}
      >
        {said}
      </p>
      <LiveTail store={store} run={run} />
    </section>
  )
}

const PLAIN: RunUrl = {
  tab: 'activity',
  iter: null,
  ev: null,
  f: '',
  view: 'compact',
  file: null,
  gate: null,
}

function Older({ store }: { store: RunEvents }) {
  const older = store.older()
  const gap = store.gap()
  return (
    <>
      {older === 'loading' && <p className="border-b px-3 py-1 text-xs text-muted">Loading older events…</p>}
      {older === 'failed' && (
        <div role="alert" className="flex items-center gap-2 border-b px-3 text-xs text-err">
          The older events could not be loaded.
          <Button kind="quiet" onClick={() => void store.loadOlder()}>
            Try again
          </Button>
        </div>
      )}
      {gap && (
        <div role="alert" className="flex items-center gap-2 border-b px-3 text-xs text-err">
          {count(gap.to - gap.from + 1, 'event')} missing ({gap.from}–{gap.to}).
          <Button kind="quiet" onClick={() => store.retryGap()}>
            Try again
          </Button>
        </div>
      )}
    </>
  )
}

function liveOf(store: RunEvents, row: Row) {
  if (row.type === 'tool') return row.call ? store.liveOutput(row.call.payload.call_id) : undefined
  return row.type === 'check' ? store.liveOutput(null) : undefined
}

/** The field answers each key at once; the address follows when typing pauses. */
function useFilterText(inUrl: string, change: ChangeUrl): [string, (text: string) => void] {
  const [typed, setTyped] = useState(inUrl)
  const written = useRef(inUrl)
  useEffect(() => {
    // Back and forward change the address too.
    if (inUrl !== written.current) setTyped(inUrl)
    written.current = inUrl
  }, [inUrl])
  useEffect(() => {
    const timer = setTimeout(() => {
      written.current = typed
      change({ f: typed })
    }, 250)
    return () => clearTimeout(timer)
  }, [typed, change])
  return [typed, setTyped]
}

/** A short answer to a key, gone by itself. */
function useSaid(): [string, (words: string) => void] {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), 1800)
    return () => clearTimeout(timer)
  }, [said])
  return [said, setSaid]
}

function useNewRows(length: number, follows: boolean): number {
  const left = useRef(length)
  if (follows) left.current = length
  return Math.max(0, length - left.current)
}

function keyOfEvent(store: RunEvents, url: RunUrl): string | null {
  if (url.ev === null) return null
  if (url.view === 'all') return String(url.ev)
  const view = store.view()
  return view.rows[view.rowOfEvent(url.ev)]?.key ?? null
}

/** The row that a link leads to is open. */
function openedAtFirst(store: RunEvents, url: RunUrl): ReadonlySet<string> {
  const key = keyOfEvent(store, url)
  return new Set(key === null ? [] : [key])
}

const indexOfKey = (rows: readonly Row[], key: string) => rows.findIndex(row => row.key === key)

const seqOfKey = (rows: readonly Row[], key: string | null) =>
  key === null ? null : (rows.find(row => row.key === key)?.seq ?? null)

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}
