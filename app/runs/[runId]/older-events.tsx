'use client'
import { count } from '#lib/client/format'
import type { RunEvents } from '../../_hooks/run-events.ts'
import { Button } from '../../_ui/button.tsx'

/** Above the stream: what is still being fetched, and what could not be. */
export function OlderEvents({ store }: { store: RunEvents }) {
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
