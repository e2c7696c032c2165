// From an event in the address to the row that shows it, and back.
import type { Row } from '#lib/contract/run-view'
import type { RunEvents } from '../../_hooks/run-events.ts'
import type { RunUrl } from './run-url.ts'

/** Events in a row that have no row of their own: not so many lie between two rows. */
const STEPS_BACK = 50

/** Of the row that holds the event, or of the one before it, where the event has none of its own. */
export function keyOfEvent(store: RunEvents, url: RunUrl): string | null {
  if (url.ev === null) return null
  if (url.view === 'all') return String(url.ev)
  const view = store.view()
  for (let seq = url.ev; seq > 0 && seq > url.ev - STEPS_BACK; seq--) {
    const row = view.rows[view.rowOfEvent(seq)]
    if (row) return row.key
  }
  return null
}

export const seqOfKey = (rows: readonly Row[], key: string | null): number | null =>
  key === null ? null : (rows.find(row => row.key === key)?.seq ?? null)
