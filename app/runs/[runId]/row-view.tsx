'use client'
import clsx from 'clsx'
import { ChevronDown, ChevronRight, Link2 } from 'lucide-react'
import { memo, useState } from 'react'
import { isFinal } from '#lib/client/status'
import type { IterationFacts, Row } from '#lib/contract/run-view'
import type { RunStatus } from '#lib/contract/runs'
import type { LiveOutput } from '../../_hooks/run-events.ts'
import { useNow } from '../../_hooks/use-now.ts'
import { IconButton } from '../../_ui/button.tsx'
import { copyText } from '../../_ui/copy-button.tsx'
import { TONE } from './_events/line.ts'
import { lineOf, type PlainRow, RowBody } from './_events/row-parts.tsx'
import { keepScrollKeys } from './keep-keys.ts'
import { PanelBoundary } from './panel-boundary.tsx'
import { ProgressMarks } from './progress-marks.tsx'
import { checkTone, checkWords, goingWord, isRefused, iterationWords } from './row-words.ts'

/** Heights of collapsed rows, exactly as their classes make them: the list computes with these. */
export const ROW_HEIGHT = { wide: 30, narrow: 52 }
export const HEADER_HEIGHT = 36

export interface RowHandlers {
  onSelect(key: string): void
  onToggle(key: string): void
  linkTo(row: Row): string
}

export interface RowProps {
  row: PlainRow
  isOpen: boolean
  isSelected: boolean
  isTarget: boolean
  /** Of the run's start, for the time column (ms). */
  startedAt: number
  clock: boolean
  text?: string
  live?: LiveOutput
  handlers: RowHandlers
}

export const RowView = memo(function RowView(props: RowProps) {
  const { row, isOpen, isSelected, isTarget, startedAt, clock, text, live, handlers } = props
  const line = lineOf(row)
  // A row that is going on shows what comes in without being opened.
  const isLive = 'state' in row && row.state === 'open' && (Boolean(live) || Boolean(text))
  const shows = isOpen || isLive
  // Made when it could be seen: rows come by the hundred.
  const [isNear, setNear] = useState(false)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notes that a button is wanted
    <div
      data-target={isTarget || undefined}
      onPointerEnter={() => setNear(true)}
      onFocus={() => setNear(true)}
      className={clsx(
        'group relative border-b border-line/60',
        isSelected && 'bg-raised',
        isTarget && 'ring-2 ring-accent ring-inset',
      )}
    >
      <button
        type="button"
        aria-expanded={isOpen}
        data-row={row.key}
        tabIndex={isSelected ? 0 : -1}
        onClick={() => {
          handlers.onSelect(row.key)
          handlers.onToggle(row.key)
        }}
        className={clsx(
          'grid h-[51px] w-full grid-cols-[14px_1fr_auto] grid-rows-2 items-center gap-x-2.5 px-3 py-1.5 text-left',
          '@2xl:h-[29px] @2xl:grid-cols-[14px_60px_minmax(0,1fr)_auto_52px] @2xl:grid-rows-1 @2xl:py-0 @2xl:pl-7',
          'focus-visible:outline-offset-[-2px]',
          !isSelected && 'hover:bg-panel',
        )}
      >
        <span className={TONE[line.tone]}>{line.icon}</span>
        <span
          className={clsx(
            'truncate text-xs @2xl:text-ui',
            line.tone === 'plain' ? 'text-muted' : TONE[line.tone],
          )}
        >
          {line.label}
        </span>
        <span className="col-span-3 row-start-2 min-w-0 truncate @2xl:col-span-1 @2xl:col-start-3 @2xl:row-start-1">
          {line.title}
        </span>
        <span className="col-start-3 row-start-1 flex items-center gap-2.5 text-xs whitespace-nowrap text-muted @2xl:col-start-4">
          {line.facts.map((fact, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: facts have no identity but their place
            <span key={i} className={clsx(i < line.facts.length - 2 && 'hidden @md:inline')}>
              {fact}
            </span>
          ))}
        </span>
        <TimeLabel at={atOf(row)} startedAt={startedAt} clock={clock} />
      </button>
      {isNear && <CopyLink href={handlers.linkTo(row)} />}
      {shows && (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only lets what is inside keep its keys
        <div className="px-3 pt-1 pb-3 @2xl:pr-4 @2xl:pl-[122px]" onKeyDown={keepScrollKeys}>
          <PanelBoundary name="This event" compact>
            <RowBody row={row} text={text} live={live} />
          </PanelBoundary>
        </div>
      )}
    </div>
  )
})

function CopyLink({ href }: { href: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <IconButton
      label={copied ? 'Link copied' : 'Copy a link to this event'}
      tabIndex={-1}
      onClick={() => void copyText(new URL(href, window.location.href).href).then(setCopied)}
      onBlur={() => setCopied(false)}
      className={clsx(
        'absolute top-px right-1 hidden! w-14! bg-bg! @2xl:group-hover:inline-flex! @2xl:group-focus-within:inline-flex!',
        copied && 'text-ok',
      )}
    >
      <Link2 aria-hidden className="size-3.5" />
    </IconButton>
  )
}

function atOf(row: PlainRow): number {
  switch (row.type) {
    case 'think':
    case 'check':
      return row.startedAt
    case 'tool':
      return (row.call ?? row.result)?.ts ?? 0
    case 'gate':
      return (row.required ?? row.response)?.ts ?? 0
    case 'event':
      return row.event.ts
    default:
      return row satisfies never
  }
}

function TimeLabel({ at, startedAt, clock }: { at: number; startedAt: number; clock: boolean }) {
  return (
    <span
      className="hidden text-right font-mono text-2xs whitespace-nowrap text-muted @2xl:block"
      suppressHydrationWarning
    >
      {clock
        ? new Date(at * 1000).toLocaleTimeString([], { hour12: false })
        : sinceStart(at * 1000 - startedAt)}
    </span>
  )
}

function sinceStart(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`
}

/** The story of an iteration in one line. Press it to fold its rows away. */
export function IterationHeader({
  iteration,
  facts,
  isFolded,
  status,
  isSelected,
  isCopy,
  rowKey,
  onToggle,
}: {
  iteration: number
  facts: IterationFacts | undefined
  isFolded: boolean
  status: RunStatus
  isSelected?: boolean
  /** The one that sticks to the top repeats one of the list. */
  isCopy?: boolean
  rowKey: string
  onToggle(key: string): void
}) {
  const isLive = !isFinal(status)
  const going = facts ? goingWord(facts, status) : null
  const now = useNow(1000, isLive && facts?.endedAt === null)
  const Chevron = isFolded ? ChevronRight : ChevronDown
  const check = facts && checkWords(facts)
  const words = facts
    ? iterationWords(facts, isLive ? now / 1000 : lastKnown(facts)).slice(check ? 1 : 0)
    : ['not loaded']
  return (
    <button
      type="button"
      aria-expanded={!isFolded}
      aria-hidden={isCopy}
      data-row={isCopy ? undefined : rowKey}
      tabIndex={isSelected && !isCopy ? 0 : -1}
      onClick={() => onToggle(rowKey)}
      className={clsx(
        'flex h-9 w-full items-center gap-2 border-b bg-panel px-2 text-left whitespace-nowrap',
        'hover:bg-raised focus-visible:outline-offset-[-2px]',
        isSelected && 'bg-raised',
      )}
    >
      <Chevron aria-hidden className="size-3.5 shrink-0 text-muted" />
      <span className="shrink-0 font-semibold">Iteration {iteration}</span>
      <span className="flex min-w-0 items-center gap-2 overflow-hidden text-muted" suppressHydrationWarning>
        {check && <span className={clsx('font-medium', checkTone(facts))}>{check}</span>}
        {facts?.progress && !(facts.check && isRefused(facts.check)) && (
          <ProgressMarks progress={facts.progress} />
        )}
        {words.map(word => (
          <span
            key={word}
            className="before:mr-2 before:text-control before:content-['·']"
            suppressHydrationWarning
          >
            {word}
          </span>
        ))}
        {!check && going && <span className={status === 'running' ? 'text-info' : 'text-warn'}>{going}</span>}
      </span>
    </button>
  )
}

/** An iteration that was cut off has no end of its own: its sums stand, its time is not guessed. */
const lastKnown = (facts: IterationFacts) => facts.endedAt ?? facts.startedAt
