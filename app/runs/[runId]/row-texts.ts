// What can be taken out of a row: its command, its output, its events. Pure.
import type { RunEvent } from '#lib/contract/event'
import type { Row } from '#lib/contract/run-view'
import { LEFT_OUT } from './left-out.ts'
import { eventsOf } from './row-words.ts'

/** What was run, as it would be typed; null where nothing was. */
export function commandOf(row: Row): string | null {
  for (const event of eventsOf(row)) {
    if (event.kind === 'tool_call' && typeof event.payload.args?.command === 'string')
      return event.payload.args.command
    if (event.kind === 'goal_check' && typeof event.payload.command === 'string') return event.payload.command
  }
  return null
}

/** What came out: of a tool, of the check, of the model; null where nothing did. */
export function outputOf(row: Row): string | null {
  for (const event of eventsOf(row)) {
    switch (event.kind) {
      case 'tool_result':
      case 'goal_check':
        return event.payload.output ?? null
      case 'reasoning':
      case 'note':
        return event.payload.text
      case 'error':
        return event.payload.traceback ?? event.payload.message
    }
  }
  return null
}

export const seqsOf = (row: Row): number[] => eventsOf(row).map(event => event.seq)

/** Whether the page got less of it than is stored: the first HTML leaves out what is very long. */
export function isLightened(event: RunEvent): boolean {
  if (event.kind === 'model_response') return event.payload.content?.length === 0
  return holds(event.payload)
}

function holds(value: unknown): boolean {
  if (typeof value === 'string') return value.length > 60_000 && value.includes(LEFT_OUT)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(holds)
}

/** The same row, with its events as they are stored. */
export function withEvents(row: Row, stored: readonly RunEvent[]): Row {
  const of = <E extends RunEvent | null>(event: E): E =>
    // An event of one seq is one event: the stored one has the kind of the one it stands for.
    (stored.find(other => other.seq === event?.seq) as E | undefined) ?? event
  switch (row.type) {
    case 'iteration':
      return row
    case 'think':
      return { ...row, reasoning: of(row.reasoning), usage: of(row.usage) }
    case 'tool':
      return { ...row, call: of(row.call), result: of(row.result) }
    case 'check':
      return { ...row, check: of(row.check) }
    case 'gate':
      return { ...row, required: of(row.required), response: of(row.response) }
    case 'event':
      return { ...row, event: of(row.event) }
    default:
      return row satisfies never
  }
}
