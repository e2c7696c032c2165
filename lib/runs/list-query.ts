// The list's query parameters, from what a person types to what the store understands.
import { PAYLOADS } from '#lib/contract/event'
import { type ListRunsQuery, RUN_STATUSES } from '#lib/contract/runs'
import { AppError } from '#lib/errors'
import type { RunFilter, RunRecord } from '#lib/store/types'

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

export function toFilter(query: ListRunsQuery, now: number): RunFilter {
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
    before: query.cursor === undefined ? undefined : readCursor(query.cursor),
    limit: query.limit,
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

export const writeCursor = (record: RunRecord) =>
  Buffer.from(`${record.createdAt}:${record.id}`).toString('base64url')

function readCursor(cursor: string): { createdAt: number; id: string } {
  const match = /^(\d{1,15}):([0-9a-f-]{36})$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (!match) throw badQuery('cursor', 'this cursor was not made by this server; start again without it')
  return { createdAt: Number(match[1]), id: match[2]! }
}

const badQuery = (name: string, detail: string) =>
  new AppError('bad_query', `${name}: ${detail}`, { fields: [{ pointer: `/${name}`, detail }] })
