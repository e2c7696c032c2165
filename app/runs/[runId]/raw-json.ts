import type { Row } from '#lib/contract/run-view'
import { eventsOf } from './row-words.ts'

/** The events of a row as they are stored: one as an object, several as a list. */
export function rawJson(row: Row): string {
  const events = eventsOf(row)
  return JSON.stringify(events.length === 1 ? events[0] : events, null, 2)
}
