import { expect, test } from 'vitest'
import { filterHref, filterQuery, matches, NO_FILTER, readFilter, sinceMs } from './run-filter.ts'
import { summary } from './run-summary.fixture.ts'

const NOW = Date.parse('2026-02-18T12:00:00Z')

test('the URL of a filter reads back as the same filter', () => {
  const filter = {
    ...NO_FILTER,
    status: 'failed,aborted',
    cwd: '/srv/my project',
    q: 'a&b',
    since: '7d',
    sort: 'cost' as const,
  }
  const url = new URL(filterHref(filter), 'http://localhost')
  expect(readFilter(Object.fromEntries(url.searchParams))).toEqual(filter)
  expect(filterHref(NO_FILTER)).toBe('/runs')
})

test('what makes no sense in a URL is left out instead of failing', () => {
  expect(readFilter({ status: 'failed,nonsense', since: 'yesterday-ish', other: 'x' })).toEqual({
    ...NO_FILTER,
    status: 'failed',
  })
})

test('only what is set is asked of the server', () => {
  expect(filterQuery({ ...NO_FILTER, q: 'shop' })).toEqual({ q: 'shop' })
})

test('a run matches when every part of the filter does', () => {
  const run = summary({
    status: 'failed',
    goal: 'pytest',
    cwd: '/srv/Shop',
    created_at: '2026-02-18T11:00:00Z',
  })
  const fits = (filter: Partial<typeof NO_FILTER>) => matches(run, { ...NO_FILTER, ...filter }, NOW)
  expect(fits({})).toBe(true)
  expect(fits({ status: 'failed,aborted', goal: 'pytest' })).toBe(true)
  expect(fits({ status: 'running' })).toBe(false)
  expect(fits({ q: 'sHOP' })).toBe(true)
  expect(fits({ q: run.run_id.slice(0, 8) })).toBe(true)
  expect(fits({ q: 'web' })).toBe(false)
  expect(fits({ since: '2h' })).toBe(true)
  expect(fits({ since: '30m' })).toBe(false)
  expect(fits({ status: 'failed', cwd: '/srv' })).toBe(false)
})

test('ages and times', () => {
  expect(sinceMs('30m', NOW)).toBe(NOW - 1_800_000)
  expect(sinceMs('2026-02-01T00:00:00Z', NOW)).toBe(Date.parse('2026-02-01T00:00:00Z'))
  expect(sinceMs('', NOW)).toBeNull()
  expect(sinceMs('7 moons', NOW)).toBeNull()
})
