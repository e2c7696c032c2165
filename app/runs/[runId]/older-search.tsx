'use client'
import { count } from '#lib/client/format'
import { Button } from '../../_ui/button.tsx'
import type { OlderMatches } from './use-older-matches.ts'

/** Over a filtered stream that does not begin with the run: what was looked at, and how to look at the rest. */
export function OlderSearch({
  loaded,
  shown,
  found,
  onSearch,
  onClear,
}: {
  /** Events the filter has seen. */
  loaded: number
  /** Rows of what the server found. */
  shown: number
  found: OlderMatches
  /** null: the server cannot look for this. */
  onSearch: (() => void) | null
  onClear(): void
}) {
  return (
    <div className="flex min-h-8 shrink-0 flex-wrap items-center gap-x-3 border-b bg-panel px-3 text-xs">
      <span role="status" className={found.state === 'failed' ? 'text-err' : 'text-muted'}>
        {found.state === 'ready'
          ? `${count(shown, 'older event')} found by the server${found.isAll ? '' : ', the newest of them'}`
          : found.state === 'loading'
            ? 'The server is looking through the older events…'
            : found.state === 'failed'
              ? `The server could not look: ${found.message}`
              : `Only the ${count(loaded, 'event')} that are loaded are filtered.`}
      </span>
      {found.state === 'ready' ? (
        <Button kind="quiet" onClick={onClear}>
          Back to the loaded events
        </Button>
      ) : (
        onSearch && (
          <Button kind="quiet" onClick={onSearch} disabled={found.state === 'loading'}>
            Search the older ones on the server
          </Button>
        )
      )}
    </div>
  )
}
