'use client'
import clsx from 'clsx'
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { isFinal } from '#lib/client/status'
import type { Row } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import type { RunEvents } from '../../_hooks/run-events.ts'
import type { ChangePane } from '../../_hooks/use-panes.ts'
import { useStored } from '../../_hooks/use-stored.ts'
import { copyText } from '../../_ui/copy-button.tsx'
import { Failure, Loading } from '../../_ui/panel.tsx'
import type { Pane } from '../../_ui/panes.ts'
import { comingIn } from './coming-in.ts'
import { rawPath } from './density-choice.tsx'
import { EndedBar } from './ended-bar.tsx'
import { EventList, type EventListHandle } from './event-list.tsx'
import { InspectorPane } from './inspector-pane.tsx'
import { IterationHeader } from './iteration-header.tsx'
import { LiveTail } from './live-tail.tsx'
import { NoteToAgent, useNoteDraft } from './note-to-agent.tsx'
import { NothingHere } from './nothing-here.tsx'
import { OlderEvents } from './older-events.tsx'
import { OlderSearch } from './older-search.tsx'
import { keyOfEvent, seqOfKey } from './row-keys.ts'
import { RowOutput } from './row-output.tsx'
import { outputOf } from './row-texts.ts'
import { type RowHandlers, RowView } from './row-view.tsx'
import { type ChangeUrl, PLAIN_URL, type RunUrl, searchOf } from './run-url.ts'
import { StartingPanel } from './starting-panel.tsx'
import { StreamBar } from './stream-bar.tsx'
import { asTime, nextTime } from './time-label.tsx'
import { useFilterText } from './use-filter-text.ts'
import { useInspector } from './use-inspector.ts'
import { useIterationView } from './use-iteration-view.ts'
import { useOlderLook } from './use-older-look.ts'
import { serverWords, useOlderMatches } from './use-older-matches.ts'
import { useRows } from './use-rows.ts'
import { useSaid } from './use-said.ts'
import { useStreamKeys } from './use-stream-keys.ts'

/** The stream: what the run thought, did and was told, newest last; and beside it one event, whole. */
export function Activity({
  store,
  run,
  url,
  change,
  pane,
  changePane,
}: {
  store: RunEvents
  run: Run
  url: RunUrl
  change: ChangeUrl
  /** Of the inspector. */
  pane: Pane
  changePane: ChangePane
}) {
  const held = useIterationView(run.run_id, store, url.iter)
  const list = useRef<EventListHandle>(null)
  const search = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useFilterText(url.f, change)
  const older = useOlderMatches(run.run_id, store.firstSeq(), typed)
  const matched = older.found.state === 'ready' ? older.found.view : null
  const view = matched ?? (held.state === 'ready' ? held.view : store.view())
  const [errorsOnly, setErrorsOnly] = useState(false)
  const [timeStored, setTime] = useStored('retrai.stream.time', 'elapsed')
  const time = asTime(timeStored)
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => openedAtFirst(store, url, pane))
  const [selectedKey, setSelected] = useState<string | null>(() => keyOfEvent(store, url))
  const [follows, setFollows] = useState(url.ev === null)
  const [pausedRun, keepPaused] = useStored('retrai.stream.paused', '')
  const [isFull, setFull] = useState(false)
  const [said, say] = useSaid()
  const inspector = useInspector(pane, changePane, url, change)
  const isLive = !isFinal(run.status)
  const [wasLive] = useState(isLive)
  const hasEndedHere = wasLive && !isLive
  const startedAt = Date.parse(run.created_at)
  const [draft] = useNoteDraft(run.run_id)
  // At a gate the note goes with the decision. What was written for a run that ended meanwhile is not taken away.
  const hasNoteBar = isLive ? run.status !== 'waiting' : draft !== ''

  const { rows, isLooking, errors } = useRows(view, {
    // What the server found has gaps: nothing in it belongs together.
    density: matched ? 'all' : url.view,
    iteration: url.iter,
    filter: typed,
    errorsOnly,
    folded,
  })
  const newRows = useNewRows(rows.length, follows)
  const looksOlder = useOlderLook(store, rows.length === 0 && !isLooking, `${typed} ${errorsOnly}`)

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
  /** With the inspector open, a first press chooses; it opens in place where there is none, or when it is chosen already. */
  const inspects = useRef(false)
  inspects.current = inspector.isOpen
  const chosen = useRef(selectedKey)
  chosen.current = selectedKey
  const inspect = useRef(inspector.setOpen)
  inspect.current = inspector.setOpen
  const handlers = useMemo<RowHandlers>(
    () => ({
      onPress(key) {
        if (!inspects.current || chosen.current === key) toggle(key)
        select(key)
      },
      onInspect(key) {
        select(key)
        inspect.current(true)
      },
      linkTo: row => `/runs/${run.run_id}${searchOf({ ...PLAIN_URL, view: url.view, ev: row.seq })}`,
    }),
    [select, toggle, run.run_id, url.view],
  )

  function followAgain() {
    keepPaused('')
    setSelected(null)
    setFollows(true)
    list.current?.scrollToEnd()
  }
  function setFollow(follow: boolean) {
    if (follow) return followAgain()
    keepPaused(run.run_id)
    setFollows(false)
  }
  // Who paused it finds it so after a reload.
  useEffect(() => {
    if (pausedRun === run.run_id) setFollows(false)
  }, [pausedRun, run.run_id])
  function goTo(index: number) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    select(row.key)
    list.current?.scrollToKey(row.key)
    list.current?.focusKey(row.key)
  }
  async function copy(text: string, what: string) {
    say((await copyText(text)) ? `${what} copied` : 'This browser does not let the page copy')
  }

  const selected = selectedKey === null ? undefined : rows.find(row => row.key === selectedKey)
  // Nothing is chosen: what happened last, no more often than there is time to draw it.
  const looked = useDeferredValue(selected ?? rows.findLast(row => row.type !== 'iteration'))
  function showAll() {
    if (looked && outputOf(looked)) setFull(true)
    else say('This event has no output')
  }

  useStreamKeys({
    rows,
    selectedKey,
    opened,
    goTo,
    followAgain,
    toggle,
    fold,
    say,
    copy: (text, what) => void copy(text, what),
    linkTo: handlers.linkTo,
    setOpened,
    iteration: run.iteration,
    actions: {
      pause: () => setFollow(!follows),
      errorsOnly: () => setErrorsOnly(!errorsOnly),
      density() {
        if (url.view === 'compact') change({ view: 'all' })
        else {
          // Whoever comes back is where the round begins.
          change({ view: 'compact' })
          window.location.assign(rawPath(run.run_id))
        }
      },
      time: () => setTime(nextTime(time)),
      filter: () => search.current?.focus(),
      inspector: inspector.toggle,
      closeInspector: inspector.isOpen ? () => inspector.setOpen(false) : null,
      showAll,
    },
  })

  /** What comes in is shown without opening the row. */
  function showsLive(row: Row) {
    const { text, live } = comingIn(store, row, run)
    return text !== undefined || live !== undefined
  }
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
    return (
      <RowView
        row={row}
        isOpen={opened.has(row.key)}
        isSelected={row.key === selectedKey}
        isTarget={row.key === selectedKey && !follows && url.ev !== null && row.key === targetKey.current}
        startedAt={startedAt}
        time={time}
        handlers={handlers}
        {...comingIn(store, row, run)}
      />
    )
  }
  /** The row a link led to is marked until something else is chosen. */
  const targetKey = useRef(url.ev === null ? null : selectedKey)

  const inspected = looked && {
    row: looked,
    isNewest: selected === undefined,
    facts: store.view().iteration(looked.iteration),
    link: handlers.linkTo(looked),
    ...comingIn(store, looked, run),
  }

  return (
    <section aria-label="Activity" className="relative flex min-h-0 flex-1">
      <div className="@container relative flex min-h-0 min-w-0 flex-1 flex-col">
        <StreamBar
          runId={run.run_id}
          typed={typed}
          onType={setTyped}
          search={search}
          errors={errors}
          errorsOnly={errorsOnly}
          onErrorsOnly={setErrorsOnly}
          density={url.view}
          onDensity={density => change({ view: density })}
          time={time}
          onTime={() => setTime(nextTime(time))}
          follows={follows}
          onFollow={setFollow}
          isLive={isLive}
          isInspecting={inspector.isOpen}
          onInspect={inspector.toggle}
        />
        <StartingPanel view={store.view()} run={run} />
        {typed !== '' && url.iter === null && store.older() !== 'none' && (
          <OlderSearch
            loaded={store.view().events.length}
            shown={rows.length}
            found={older.found}
            onSearch={serverWords(typed) === null ? null : older.search}
            onClear={older.clear}
          />
        )}
        {held.state === 'failed' ? (
          <div className="min-h-0 flex-1 overflow-y-auto">
            <Failure title="The events of this iteration could not be loaded" detail={held.message} />
          </div>
        ) : held.state === 'loading' ? (
          <div className="min-h-0 flex-1">
            <Loading label="Loading the iteration" />
          </div>
        ) : rows.length === 0 ? (
          isLooking || looksOlder.isLooking ? (
            <Loading label="Looking at older events" />
          ) : (
            <NothingHere
              isFiltered={typed !== '' || errorsOnly}
              lookedAt={view.events.length}
              onClear={() => {
                setErrorsOnly(false)
                setTyped('')
              }}
              onOlder={store.older() === 'more' ? looksOlder.start : null}
              isOneIteration={url.iter !== null}
              isLive={isLive}
            />
          )
        ) : (
          <EventList
            key={`${url.view} ${url.iter ?? ''} ${matched ? 'older' : ''}`}
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
            isLive={isLive}
            fills={typed === '' && !errorsOnly}
            onFollowChange={follow => {
              // Scrolled to the end: nothing is paused any more.
              if (follow) keepPaused('')
              setFollows(follow)
            }}
            newRows={newRows}
            onFollow={followAgain}
            onReachTop={() => {
              if (url.iter === null && !matched && store.older() === 'more') void store.loadOlder()
            }}
            top={<OlderEvents store={store} />}
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
        {hasEndedHere ? <EndedBar run={run} onTop={() => goTo(0)} /> : <LiveTail store={store} run={run} />}
        {hasNoteBar && (
          <div className="shrink-0 border-t">
            <NoteToAgent run={run} notes={store.view().notes} />
          </div>
        )}
      </div>
      <InspectorPane
        state={inspector}
        pane={pane}
        changePane={changePane}
        runId={run.run_id}
        inspected={inspected ?? null}
        onCopy={(text, what) => void copy(text, what)}
        onClose={() => inspector.setOpen(false)}
        onShowAll={showAll}
      />
      {isFull && looked && <RowOutput runId={run.run_id} row={looked} onClose={() => setFull(false)} />}
    </section>
  )
}

function useNewRows(length: number, follows: boolean): number {
  const left = useRef(length)
  if (follows) left.current = length
  return Math.max(0, length - left.current)
}

/** The row that a link leads to is open, unless the inspector shows it. */
function openedAtFirst(store: RunEvents, url: RunUrl, pane: Pane): ReadonlySet<string> {
  const key = pane.open || url.inspect ? null : keyOfEvent(store, url)
  return new Set(key === null ? [] : [key])
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set)
  if (!next.delete(value)) next.add(value)
  return next
}
