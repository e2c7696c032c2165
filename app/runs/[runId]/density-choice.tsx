'use client'
import clsx from 'clsx'
import { FileText, Rows3, Rows4 } from 'lucide-react'
import type { RunUrl } from './run-url.ts'

const shape =
  'inline-flex h-6 items-center gap-1 rounded-sm px-1.5 focus-visible:outline-offset-[-2px] coarse:h-11 coarse:px-2.5'

export const rawPath = (runId: string) => `/runs/${runId}/raw`

/** How close the stream is looked at: related events in a row, each event, or the plain text, where the browser's own find works. */
export function DensityChoice({
  runId,
  chosen,
  onChoose,
}: {
  runId: string
  chosen: RunUrl['view']
  onChoose(view: RunUrl['view']): void
}) {
  const CHOICES = [
    { view: 'compact', word: 'Compact', about: 'Related events in one row (v)', Icon: Rows3 },
    { view: 'all', word: 'All', about: 'Every event in a row of its own (v)', Icon: Rows4 },
  ] as const
  return (
    <fieldset className="flex shrink-0 rounded-md border p-px">
      <legend className="sr-only">How close</legend>
      {CHOICES.map(({ view, word, about, Icon }) => (
        <button
          key={view}
          type="button"
          aria-pressed={view === chosen}
          aria-label={view === 'all' ? 'All events' : word}
          title={about}
          onClick={() => onChoose(view)}
          className={clsx(shape, view === chosen ? 'bg-raised font-medium' : 'text-muted hover:text-text')}
        >
          <Icon aria-hidden className="size-3.5" />
          <span className="hidden @2xl:inline">{word}</span>
        </button>
      ))}
      <a
        href={rawPath(runId)}
        title="Plain text of all events, to search with the browser's own find (v)"
        className={clsx(shape, 'text-muted hover:text-text')}
      >
        <FileText aria-hidden className="size-3.5" />
        <span className="sr-only @2xl:not-sr-only">Raw</span>
      </a>
    </fieldset>
  )
}
