// The list's query parameters, from what a person types to what the store understands.
import { PAYLOADS } from '#lib/contract/event'
import {
  type CountRunsQuery,
  type ListRunsQuery,
  RUN_STATUSES,
  type RunSort,
  type RunStatus,
} from '#lib/contract/runs'
import { AppError } from '#lib/errors'
import { isSortValue, NEWEST_FIRST, sortValueOf } from '#lib/store/run-sort'
import type { RunFilter, RunRecord, RunSelection } from '#lib/store/types'

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

export function toFilter(query: ListRunsQuery, now: number): RunFilter {
  return {
    ...toSelection(query, now),
    sort: query.sort,
    after: query.cursor === undefined ? undefined : readCursor(query.cursor, query.sort),
    limit: query.limit,
  }
}

export function toSelection(query: CountRunsQuery, now: number): RunSelection {
  const status = list(query.status)
  const unknown = status?.find(name => !(RUN_STATUSES as readonly string[]).includes(name))
  if (unknown) throw badQuery('status', `${unknown} is no status; there are ${RUN_STATUSES.join(', ')}`)
  return {
    status,
    goal: list(query.goal),
    cwd: list(query.cwd),
    modelName: list(query.model_name),
    since: query.since === undefined ? undefined : sinceTime(query.since, now),
    text: query.q?.trim() || undefined,
  }
}

/** Event kinds, separated by commas; one that there is not would silently find nothing. */
export function kindsOf(value: string | undefined): string[] | undefined {
  const kinds = list(value)
  const unknown = kinds?.find(kind => !Object.hasOwn(PAYLOADS, kind))
  if (unknown)
    throw badQuery('kind', `${unknown} is no kind of event; there are ${Object.keys(PAYLOADS).join(', ')}`)
  return kinds
}

/** One value or several, separated by commas. */
function list(value: string | undefined): string[] | undefined {
  const items = value
    ?.split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
  return items && items.length > 0 ? items : undefined
}

function sinceTime(text: string, now: number): number {
  const age = /^(\d{1,6})([smhdw])$/.exec(text)
  if (age) return now - Number(age[1]) * UNITS[age[2] as keyof typeof UNITS]
  const time = new Date(text).getTime()
  if (Number.isNaN(time)) {
    throw badQuery('since', `${text} is neither a time (2026-02-18T12:00:00Z) nor an age (30m, 12h, 7d)`)
  }
  return time
}

/** Names the order too: a cursor of one order means nothing in another. */
export const writeCursor = (record: RunRecord, sort: RunSort = NEWEST_FIRST) =>
  Buffer.from(`${sort}:${sortValueOf(record, sort) ?? ''}:${record.id}`).toString('base64url')

function readCursor(cursor: string, sort: RunSort = NEWEST_FIRST): NonNullable<RunFilter['after']> {
  const match = /^(-?[a-z]+):([\d.e+-]{0,30}):([0-9a-f-]{36})$/.exec(
    Buffer.from(cursor, 'base64url').toString(),
  )
  if (!match) throw badQuery('cursor', 'this cursor was not made by this server; start again without it')
  if (match[1] !== sort)
    throw badQuery('cursor', `this cursor is of a list by ${match[1]}; start again without it`)
  const value = match[2] === '' ? null : Number(match[2])
  if (!isSortValue(value, sort))
    throw badQuery('cursor', 'this cursor was not made by this server; start again without it')
  return { value, id: match[3]! }
}

const MAX_VALUES = 100
const MAX_VALUE = 200

/** Values that a filter can name: there, a comma separates several. */
export const namable = (counted: { value: string; count: number }[]) =>
  counted.filter(({ value }) => !value.includes(',') && value.length <= MAX_VALUE).slice(0, MAX_VALUES)

export function statusCounts(counted: { value: string; count: number }[]): Record<RunStatus, number> {
  const found = new Map(counted.map(({ value, count }) => [value, count]))
  // Every status has its number, also 0.
  return Object.fromEntries(RUN_STATUSES.map(status => [status, found.get(status) ?? 0])) as Record<
    RunStatus,
    number
  >
}

const badQuery = (name: string, detail: string) =>
  new AppError('bad_query', `${name}: ${detail}`, { fields: [{ pointer: `/${name}`, detail }] })
