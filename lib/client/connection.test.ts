import { expect, test } from 'vitest'
import { type Connection, GIVE_UP_HOPE_MS, nextConnection, retryDelay } from './connection.ts'

const start: Connection = { state: 'connecting', since: 0, version: null }

test('a lost connection is reconnecting first, and offline only after a while', () => {
  const live = nextConnection(start, { kind: 'connected' }, 100)
  const lost = nextConnection(live, { kind: 'lost' }, 1000)
  const soon = nextConnection(lost, { kind: 'try_failed', online: true }, 2000)
  const late = nextConnection(soon, { kind: 'try_failed', online: true }, 1000 + GIVE_UP_HOPE_MS)
  expect([live, lost, soon, late].map(c => [c.state, c.since])).toEqual([
    ['live', 100],
    ['reconnecting', 1000],
    ['reconnecting', 1000],
    ['offline', 1000],
  ])
})

test('a device without network is offline at once, since the connection was lost', () => {
  const lost: Connection = { state: 'reconnecting', since: 50, version: '1' }
  expect(nextConnection(lost, { kind: 'try_failed', online: false }, 60)).toEqual({
    state: 'offline',
    since: 50,
    version: '1',
  })
})

test('what does not change anything keeps the object, so that nothing is painted again', () => {
  const live: Connection = { state: 'live', since: 1, version: '0.1.0' }
  expect(nextConnection(live, { kind: 'connected' }, 2)).toBe(live)
  expect(nextConnection(live, { kind: 'hello', version: '0.1.0' }, 2)).toBe(live)
})

test('retries wait from a quarter of a second to fifteen, doubling, and never longer', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map(n => retryDelay(n, 0.5))).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ])
  expect([retryDelay(0, 0), retryDelay(50, 0.999)]).toEqual([250, 14_990])
})
