'use client'
import { count } from '#lib/client/format'
import { Button } from '../../_ui/button.tsx'
import { Empty } from '../../_ui/panel.tsx'

/** A stream without a row: because of the filter, or because nothing has happened. */
export function NothingHere({
  isFiltered,
  lookedAt,
  onClear,
  onOlder,
  isOneIteration,
  isLive,
}: {
  isFiltered: boolean
  lookedAt: number
  onClear(): void
  /** null: there are no older events. */
  onOlder: (() => void) | null
  isOneIteration: boolean
  isLive: boolean
}) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {isFiltered ? (
        <Empty
          title="No events match"
          actions={
            <>
              <Button onClick={onClear}>Clear the filter</Button>
              {onOlder && <Button onClick={onOlder}>Look in older events</Button>}
            </>
          }
        >
          {count(lookedAt, 'event')} looked at.
        </Empty>
      ) : (
        <Empty title={isOneIteration ? 'No events of this iteration are loaded' : 'Nothing has happened yet'}>
          {isLive ? 'Events appear here as they happen.' : 'This run ended before its first event.'}
        </Empty>
      )}
    </div>
  )
}
