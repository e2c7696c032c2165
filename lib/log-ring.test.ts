import { expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { createLogRing } from './log-ring.ts'

const entry = (message: string, level: 'info' | 'warn' | 'error' = 'info', data = {}) => ({
  time: '2027-01-15T08:00:00.000Z',
  level,
  message,
  data,
})

test('the newest entries are kept, and shown from a level on, the newest first', () => {
  const ring = createLogRing()
  for (let i = 0; i < LIMITS.logEntriesKept + 50; i += 1)
    ring.take(entry(`entry ${i}`, i % 100 === 0 ? 'error' : i % 10 === 0 ? 'warn' : 'info'))
  const all = ring.recent({ level: 'info', limit: 1000 })
  expect(all).toHaveLength(LIMITS.logEntriesKept)
  expect(all[0]?.message).toBe('entry 249')
  expect(all.at(-1)?.message).toBe('entry 50')
  expect(ring.recent({ level: 'error', limit: 10 }).map(({ message }) => message)).toEqual([
    'entry 200',
    'entry 100',
  ])
  expect(ring.recent({ level: 'warn', limit: 2 }).map(({ message }) => message)).toEqual([
    'entry 240',
    'entry 230',
  ])
})

test('an entry is cut, however much it carries', () => {
  const ring = createLogRing()
  ring.take(entry('x'.repeat(100_000), 'error', { stack: 'y'.repeat(100_000) }))
  const text = JSON.stringify(ring.recent({ level: 'info', limit: 1 }))
  expect(text.length).toBeLessThan(2 * LIMITS.logEntryLength + 200)
})
