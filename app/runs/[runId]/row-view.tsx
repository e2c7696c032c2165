'use client'
import clsx from 'clsx'
import { Link2, PanelRight } from 'lucide-react'
import { memo, useState } from 'react'
import type { Row } from '#lib/contract/run-view'
import type { LiveOutput } from '../../_hooks/run-events.ts'
import { Button, IconButton } from '../../_ui/button.tsx'
import { copyText } from '../../_ui/copy-button.tsx'
import { TONE } from './_events/line.ts'
import { lineOf, type PlainRow, RowBody } from './_events/row-parts.tsx'
import { keepScrollKeys } from './keep-keys.ts'
import { PanelBoundary } from './panel-boundary.tsx'
import { TimeLabel, type TimeMode } from './time-label.tsx'

export interface RowHandlers {
  onPress(key: string): void
  /** All of it, in the inspector. */
  onInspect(key: string): void
  linkTo(row: Row): string
}

export interface RowProps {
  row: PlainRow
  isOpen: boolean
  isSelected: boolean
  isTarget: boolean
  /** Of the run's start, for the time column (ms). */
  startedAt: number
  time: TimeMode
  text?: string
  live?: LiveOutput
  handlers: RowHandlers
}

export const RowView = memo(function RowView(props: RowProps) {
  const { row, isOpen, isSelected, isTarget, startedAt, time, text, live, handlers } = props
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
        onClick={() => handlers.onPress(row.key)}
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
        <TimeLabel at={atOf(row)} startedAt={startedAt} mode={time} />
      </button>
      {isNear && <CopyLink href={handlers.linkTo(row)} />}
      {shows && (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only lets what is inside keep its keys
        <div className="px-3 pt-1 pb-3 @2xl:pr-4 @2xl:pl-[122px]" onKeyDown={keepScrollKeys}>
          <PanelBoundary name="This event" compact>
            <RowBody row={row} text={text} live={live} />
          </PanelBoundary>
          {isOpen && (
            <Button
              kind="quiet"
              icon={<PanelRight aria-hidden className="size-3.5" />}
              onClick={() => handlers.onInspect(row.key)}
              className="mt-1 -ml-2.5"
            >
              Details
            </Button>
          )}
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
