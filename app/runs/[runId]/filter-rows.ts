// The filter of the stream: `kind:tool_call tool:bash status:error words`. Pure; every term must hold.
import type { RunEvent } from '#lib/contract/event'
import type { Row } from '#lib/contract/run-view'
import { eventsOf, isFailedTool, toolLabel } from './row-words.ts'

export interface RowFilter {
  kinds: string[]
  tools: string[]
  statuses: string[]
  words: string[]
}

const LISTS = { kind: 'kinds', tool: 'tools', status: 'statuses' } as const

export function parseFilter(typed: string): RowFilter {
  const filter: RowFilter = { kinds: [], tools: [], statuses: [], words: [] }
  for (const term of typed.match(/"[^"]*"|\S+/g) ?? []) {
    const [, name, values] = /^(kind|tool|status):(.+)$/i.exec(term) ?? []
    if (name && values) {
      // The expression above lets only these names through.
      filter[LISTS[name.toLowerCase() as keyof typeof LISTS]].push(...values.toLowerCase().split(','))
    } else filter.words.push(term.replaceAll('"', '').toLowerCase())
  }
  filter.words = filter.words.filter(word => word !== '')
  return filter
}

export const isEmptyFilter = (filter: RowFilter) =>
  [filter.kinds, filter.tools, filter.statuses, filter.words].every(list => list.length === 0)

/** Whether something went wrong in this row: a failed tool, a check that cannot run, an error, a retry. */
export function isErrorRow(row: Row): boolean {
  switch (row.type) {
    case 'tool':
      return isFailedTool(row)
    case 'check':
      return row.check?.payload.broken ?? false
    case 'event':
      return isErrorEvent(row.event)
    default:
      return false
  }
}

function isErrorEvent(event: RunEvent): boolean {
  switch (event.kind) {
    case 'error':
    case 'paused':
    case 'model_retry':
      return true
    case 'log':
      return event.payload.level === 'error'
    case 'run_end':
      return event.payload.status === 'failed'
    case 'tool_result':
      return event.payload.status !== 'ok'
    case 'goal_check':
      return event.payload.broken
    default:
      return false
  }
}

/** Cheap tests first; the text of a row is looked at last, and kept. */
export function matches(row: Row, filter: RowFilter): boolean {
  if (row.type === 'iteration') return false
  const { kinds, tools, statuses, words } = filter
  // What is typed most, in the list with a row per event: as cheap as can be.
  if (row.type === 'event' && kinds.length + tools.length + statuses.length === 0) {
    const text = textOf(row.event)
    return words.every(word => text.includes(word))
  }
  const events = row.type === 'event' ? [row.event] : eventsOf(row)
  if (kinds.length > 0 && !events.some(event => kinds.includes(event.kind)) && !kinds.includes(row.type))
    return false
  if (tools.length > 0 && !events.some(event => toolNames(event).some(name => tools.includes(name))))
    return false
  if (statuses.length > 0 && !statusesOf(row).some(status => statuses.includes(status))) return false
  if (words.length === 0) return true
  return words.every(word => events.some(event => textOf(event).includes(word)))
}

/** Makes the text that a filter will look at, before somebody types one. */
export function prepare(row: Row) {
  for (const event of eventsOf(row)) textOf(event)
}

function toolNames(event: RunEvent): string[] {
  if (event.kind !== 'tool_call' && event.kind !== 'tool_result') return []
  return [event.payload.tool.toLowerCase(), toolLabel(event.payload.tool)]
}

function statusesOf(row: Row): string[] {
  const statuses = isErrorRow(row) ? ['error'] : ['ok']
  if ('state' in row) statuses.push(row.state === 'open' ? 'running' : row.state)
  if (row.type === 'check' && row.check) statuses.push(row.check.payload.achieved ? 'achieved' : 'unmet')
  return statuses
}

/** Characters of an event that the filter looks at. */
const SEARCHED = 20_000
const texts = new WeakMap<RunEvent, string>()

function textOf(event: RunEvent): string {
  let text = texts.get(event)
  if (text === undefined) {
    text = plain(event.payload).slice(0, SEARCHED).toLowerCase()
    texts.set(event, text)
  }
  return text
}

/** The strings and numbers in a value, without the signs of JSON: what a person would search for. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, SEARCHED)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'object' || value === null) return ''
  return Object.values(value).map(plain).join(' ')
}
