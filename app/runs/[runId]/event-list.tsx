'use client'
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import clsx from 'clsx'
import { ArrowDown } from 'lucide-react'
import {
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import type { Row } from '#lib/contract/run-view'
import { HEADER_HEIGHT, NARROW_BELOW, ROW_HEIGHT } from './row-height.ts'

const AT_END_PX = 40
const NEAR_TOP_PX = 200
/** Rows of the first HTML; the window on screen is about half of it. */
const FIRST_PAINT = 40

export interface EventListHandle {
  scrollToKey(key: string): void
  scrollToEnd(): void
  focusKey(key: string): void
  pageRows(): number
}

interface EventListProps {
  rows: readonly Row[]
  /** Changes with any row. */
  version: number
  renderRow(row: Row): ReactNode
  /** Whether a row is drawn in one line, of the height that its class says: such rows need not be measured. */
  isOneLine(row: Row): boolean
  renderSticky(iteration: number): ReactNode
  selectedKey: string | null
  /** Whether new rows pull the list along. */
  follows: boolean
  /** Whether there will be new rows. */
  isLive: boolean
  onFollowChange(follows: boolean): void
  /** Rows that came since the reader left the end. */
  newRows: number
  onFollow(): void
  onReachTop(): void
  /** Whether rows that do not fill the list ask for those before them by themselves: there is nothing to scroll. */
  fills: boolean
  top?: ReactNode
  handle: Ref<EventListHandle>
}

/** Rows of the stream: only those in sight are in the document, the newest stay in sight while it follows. */
export function EventList(props: EventListProps) {
  const [isMounted, setMounted] = useState(false)
  useLayoutEffect(() => setMounted(true), [])
  // Without a layout the virtual list knows no positions: the first HTML shows the rows that matter, one under the other.
  return isMounted ? <VirtualRows {...props} /> : <FirstRows {...props} />
}

function FirstRows({ rows, renderRow, selectedKey, follows }: EventListProps) {
  const selected = selectedKey === null ? -1 : rows.findIndex(row => row.key === selectedKey)
  const from = selected === -1 ? Math.max(0, rows.length - FIRST_PAINT) : Math.max(0, selected - 8)
  return (
    <div
      className={clsx(
        '@container flex min-h-0 flex-1 flex-col overflow-hidden',
        // Drawn when all of it is here: rows that come one by one would push up what is drawn already.
        'not-has-[[data-end]]:invisible',
        follows && selected === -1 && 'justify-end',
      )}
    >
      <ul className="shrink-0">
        {rows.slice(from, from + FIRST_PAINT).map(row => (
          <li key={row.key}>{renderRow(row)}</li>
        ))}
      </ul>
      <span data-end hidden />
    </div>
  )
}

function VirtualRows(props: EventListProps) {
  const {
    rows,
    renderRow,
    isOneLine,
    renderSticky,
    selectedKey,
    follows,
    onFollowChange,
    newRows,
    onFollow,
  } = props
  const { isLive, onReachTop, fills, top, handle } = props
  const scroller = useRef<HTMLElement>(null)
  const [isNarrow, setNarrow] = useState(() => window.innerWidth < NARROW_BELOW)
  const selectedIndex = selectedKey === null ? -1 : rows.findIndex(row => row.key === selectedKey)
  const following = useRef(follows)
  /** Whether the reader has moved the list since it stopped following: what was still on its way to the end does not count. */
  const isMovedByReader = useRef(false)
  if (following.current !== follows) isMovedByReader.current = false
  following.current = follows
  const lastTop = useRef(0)
  /** Keys of the rows whose height is measured: a row that was opened once may be of any height later. */
  const measured = useRef(new Set<string>())

  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide
  const now = useRef({ rows, rowHeight })
  now.current = { rows, rowHeight }
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    // The same functions at each render: with others the positions of all rows would be computed anew.
    estimateSize: useCallback(
      (index: number) =>
        now.current.rows[index]?.type === 'iteration' ? HEADER_HEIGHT : now.current.rowHeight,
      [],
    ),
    getItemKey: useCallback((index: number) => now.current.rows[index]?.key ?? index, []),
    overscan: 6,
    // Room for the header that sticks above a list that begins in the middle of an iteration.
    paddingStart: isCutOff(rows[0]) ? HEADER_HEIGHT : 0,
    anchorTo: 'end',
    followOnAppend: follows,
    // Only who follows is kept at the end; a row that a reader opens grows downwards.
    scrollEndThreshold: follows ? AT_END_PX : -1,
    initialOffset: () => (follows ? Number.MAX_SAFE_INTEGER : 0),
    // The row with the focus stays in the document wherever the list is scrolled to.
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range)
        if (selectedIndex === -1 || shown.includes(selectedIndex)) return shown
        return [...shown, selectedIndex].sort((a, b) => a - b)
      },
      [selectedIndex],
    ),
  })

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const observer = new ResizeObserver(() => setNarrow(element.clientWidth < NARROW_BELOW))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: heights change with the width class, and only then
  useLayoutEffect(() => virtualizer.measure(), [isNarrow])

  // Once, when the list appears: where the reader wants to be.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only at the beginning
  useLayoutEffect(() => {
    if (selectedIndex !== -1) virtualizer.scrollToIndex(selectedIndex, { align: 'center' })
    else if (following.current) virtualizer.scrollToEnd()
  }, [])

  useEffect(() => {
    const height = virtualizer.scrollRect?.height ?? 0
    if (fills && height > 0 && virtualizer.getTotalSize() < height + NEAR_TOP_PX) onReachTop()
  })

  const focusKey = (key: string) => {
    const find = () => scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`) ?? null
    const now = find()
    if (now) now.focus({ preventScroll: true })
    else requestAnimationFrame(() => find()?.focus({ preventScroll: true }))
  }

  useImperativeHandle(handle, () => ({
    scrollToKey(key) {
      const index = rows.findIndex(row => row.key === key)
      if (index !== -1) virtualizer.scrollToIndex(index, { align: 'auto' })
    },
    scrollToEnd: () => virtualizer.scrollToEnd(),
    focusKey,
    pageRows: () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1),
  }))

  const moved = () => {
    isMovedByReader.current = true
  }

  function onScroll() {
    const element = scroller.current
    if (!element) return
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight <= AT_END_PX
    const upwards = lastTop.current - element.scrollTop
    lastTop.current = element.scrollTop
    // A row that closes by itself moves the list up too, and more rows may have come meanwhile: that is nobody looking back.
    const isReader = isMovedByReader.current || upwards > element.clientHeight
    if (following.current && upwards > 0 && !isAtEnd && isReader) onFollowChange(false)
    else if (!following.current && isAtEnd && isMovedByReader.current) onFollowChange(true)
    if (element.scrollTop < NEAR_TOP_PX) onReachTop()
  }

  const items = virtualizer.getVirtualItems()
  const firstShown = virtualizer.range?.startIndex ?? 0
  const sticky = stickyIteration(rows, firstShown)
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {top}
      <section
        ref={scroller}
        onScroll={onScroll}
        onWheel={moved}
        onTouchMove={moved}
        onPointerDown={moved}
        onKeyDown={moved}
        aria-label="Events"
        // One stop for Tab: the selected row, or the list while none is selected.
        tabIndex={selectedIndex === -1 ? 0 : -1}
        className="@container min-h-0 flex-1 overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
      >
        {sticky !== null && (
          <div className="sticky top-0 z-10 h-0">
            <div className="h-9">{renderSticky(sticky)}</div>
          </div>
        )}
        <ul className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {items.map(item => {
            const row = rows[item.index]
            if (row && !isOneLine(row)) measured.current.add(row.key)
            return (
              row && (
                <li
                  key={item.key}
                  ref={measured.current.has(row.key) ? virtualizer.measureElement : undefined}
                  data-index={item.index}
                  // While new rows come in the number is not known, and nobody wants to hear it change.
                  aria-setsize={follows && isLive ? -1 : rows.length}
                  aria-posinset={item.index + 1}
                  className="absolute top-0 left-0 w-full"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {renderRow(row)}
                </li>
              )
            )
          })}
        </ul>
      </section>
      {!follows && (newRows > 0 || virtualizer.getDistanceFromEnd() > AT_END_PX) && (
        <NewRowsPill count={newRows} onPress={onFollow} />
      )}
    </div>
  )
}

/** Its iteration began before the events that are loaded. */
const isCutOff = (first: Row | undefined) =>
  first !== undefined && first.type !== 'iteration' && first.iteration > 0

/** The iteration whose rows are on top, when its own header is out of sight. */
function stickyIteration(rows: readonly Row[], firstShown: number): number | null {
  const first = rows[firstShown]
  // A header that is about to reach the top is not covered by the one before it.
  if (!first || first.type === 'iteration' || rows[firstShown + 1]?.type === 'iteration') return null
  return first.iteration > 0 ? first.iteration : null
}

/** Leads back to the newest row, and says how many came since the reader left it. */
function NewRowsPill({ count, onPress }: { count: number; onPress(): void }) {
  return (
    <button
      type="button"
      onClick={onPress}
      className={clsx(
        'absolute right-1/2 bottom-3 z-20 inline-flex h-7 translate-x-1/2 items-center gap-1.5 rounded-full border border-control',
        'bg-bg px-3 font-medium shadow-pop hover:bg-raised coarse:h-11',
      )}
    >
      <ArrowDown aria-hidden className="size-3.5" />
      {count > 0 ? `${count} new` : 'Newest'}
    </button>
  )
}
