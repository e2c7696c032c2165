'use client'
import clsx from 'clsx'
import { CircleAlert, Clock3, PanelRight, Pause, Play, Search, X } from 'lucide-react'
import type { Ref } from 'react'
import { Button, IconButton } from '../../_ui/button.tsx'
import { DensityChoice } from './density-choice.tsx'
import type { RunUrl } from './run-url.ts'
import { TIMES, type TimeMode } from './time-label.tsx'

/** Above the stream: which of its events, how close, and whether it follows. */
export function StreamBar({
  runId,
  typed,
  onType,
  search,
  errors,
  errorsOnly,
  onErrorsOnly,
  density,
  onDensity,
  time,
  onTime,
  follows,
  onFollow,
  isLive,
  isInspecting,
  onInspect,
}: {
  runId: string
  typed: string
  onType(text: string): void
  search: Ref<HTMLInputElement>
  errors: number
  errorsOnly: boolean
  onErrorsOnly(only: boolean): void
  density: RunUrl['view']
  onDensity(density: RunUrl['view']): void
  time: TimeMode
  onTime(): void
  follows: boolean
  onFollow(follow: boolean): void
  isLive: boolean
  isInspecting: boolean
  onInspect(): void
}) {
  return (
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
          onChange={event => onType(event.target.value)}
          onKeyDown={event => {
            if (event.key !== 'Escape') return
            onType('')
            event.currentTarget.blur()
          }}
          className="h-7 w-full min-w-0 rounded-md bg-transparent pr-7 pl-7 forced-colors:border hover:bg-panel focus:bg-panel coarse:h-11 coarse:text-[16px]"
        />
        {typed && (
          <IconButton label="Clear the filter" onClick={() => onType('')} className="absolute! top-0 right-0">
            <X aria-hidden className="size-3.5" />
          </IconButton>
        )}
      </label>
      <DensityChoice runId={runId} chosen={density} onChoose={onDensity} />
      <Button
        kind="quiet"
        aria-pressed={errorsOnly}
        onClick={() => onErrorsOnly(!errorsOnly)}
        icon={<CircleAlert aria-hidden className={clsx('size-3.5', errors > 0 && 'text-err')} />}
        className={clsx(errorsOnly && 'bg-raised! text-text!')}
        title="Errors only (f)"
      >
        <span className="hidden @2xl:inline">Errors</span> {errors}
      </Button>
      <IconButton
        label={`${TIMES[time]} (t)`}
        onClick={onTime}
        className={clsx('hidden! @2xl:inline-flex!', time !== 'elapsed' && 'bg-raised! text-text!')}
      >
        <Clock3 aria-hidden className="size-3.5" />
      </IconButton>
      {isLive && (
        <IconButton
          label={follows ? 'Pause following (p)' : 'Follow the newest (p)'}
          aria-pressed={!follows}
          onClick={() => onFollow(!follows)}
          className={clsx(!follows && 'bg-raised! text-text!')}
        >
          {follows ? <Pause aria-hidden className="size-3.5" /> : <Play aria-hidden className="size-3.5" />}
        </IconButton>
      )}
      <IconButton
        label={isInspecting ? 'Close the inspector (i)' : 'Open the inspector (i)'}
        aria-pressed={isInspecting}
        onClick={onInspect}
        // Where there is only room for one thing, an opened row leads to it.
        className={clsx('hidden! @md:inline-flex!', isInspecting && 'bg-raised! text-text!')}
      >
        <PanelRight aria-hidden className="size-3.5" />
      </IconButton>
    </div>
  )
}
