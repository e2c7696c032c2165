import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Retry } from './model.ts'
import { AttemptFailure, DEFAULT_TIMING, readRetryAfter, retrying, waitBefore } from './retry.ts'

const timing = { ...DEFAULT_TIMING, baseMs: 1, maxMs: 4, patienceMs: 10_000, reportMs: 0 }
const never = () => new AbortController().signal

describe('the wait before the next attempt', () => {
  it('grows from one second to a minute, with full jitter', () => {
    const longest = [1, 2, 3, 4, 7, 8, 50, 5000].map(n => waitBefore(n, null, DEFAULT_TIMING, () => 1))
    expect(longest).toEqual([1000, 2000, 4000, 8000, 60_000, 60_000, 60_000, 60_000])
    expect(waitBefore(9, null, DEFAULT_TIMING, () => 0)).toBe(0)
  })

  it('is never shorter than what the provider asks for, and hardly longer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (asked, random) => {
          const wait = waitBefore(3, asked, DEFAULT_TIMING, () => random)
          expect(wait).toBeGreaterThanOrEqual(asked)
          expect(wait).toBeLessThanOrEqual(asked * 1.1 + 1)
        },
      ),
    )
  })

  it('backs off all the same when the provider asks for no wait at all', () => {
    expect(waitBefore(5, 0, DEFAULT_TIMING, () => 1)).toBe(16_000)
    expect(waitBefore(5, 300, DEFAULT_TIMING, () => 0)).toBe(300)
  })

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '120', 'retry-after': '7' }, 120],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 21 Oct 2020 07:28:00 GMT' }, 0],
    [{ 'retry-after': '1e300' }, 86_400_000],
    [{ 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }, 86_400_000],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-3' }, null],
    [{}, null],
  ])('reads %j as %s ms', (headers, expected) => {
    const now = Date.parse('2026-10-21T07:28:00Z')
    expect(readRetryAfter(new Headers(headers as Record<string, string>), now)).toBe(expected)
  })
})

it('a date is held against the clock of the one who wrote it', () => {
  const headers = { date: 'Wed, 21 Oct 2015 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2015 07:28:09 GMT' }
  expect(readRetryAfter(new Headers(headers))).toBe(9000)
  const soon = new Date(Date.now() + 9000).toUTCString()
  expect(readRetryAfter(new Headers({ 'retry-after': soon }))).toBeGreaterThan(7000)
})

describe('retrying', () => {
  it('tries again until it works, and tells about each retry before it waits', async () => {
    const told: Retry[] = []
    let stored = 0
    const result = await retrying(
      {
        timing,
        signal: never(),
        onRetry: async retry => {
          told.push(retry)
          await new Promise(resolve => setImmediate(resolve))
          stored++
        },
      },
      async number => {
        expect(stored).toBe(number - 1)
        if (number < 4) throw new AttemptFailure(`failure ${number}`, { status: 529 })
        return number
      },
    )
    expect(result).toBe(4)
    expect(told.map(({ attempt, reason, status }) => [attempt, reason, status])).toEqual([
      [1, 'failure 1', 529],
      [2, 'failure 2', 529],
      [3, 'failure 3', 529],
    ])
  })

  it('tells about the first retry at once and then at most once a minute, with the number of attempts', async () => {
    const told: Retry[] = []
    const reportMs = 150
    const started = performance.now()
    await retrying(
      { timing: { ...timing, reportMs }, signal: never(), onRetry: retry => void told.push(retry) },
      async () => {
        if (performance.now() - started < 400) throw new AttemptFailure('overloaded', { status: 529 })
      },
    )
    expect(told.length).toBeGreaterThanOrEqual(2)
    expect(told.length).toBeLessThanOrEqual(1 + Math.floor((performance.now() - started) / reportMs))
    expect(told[0]?.attempt).toBe(1)
    expect(told[1]?.attempt).toBeGreaterThan(2)
    expect(DEFAULT_TIMING.reportMs).toBe(60_000)
  })

  it('gives up as unavailable when the patience is used up', async () => {
    const attempt = retrying({ timing: { ...timing, patienceMs: 30 }, signal: never() }, async () => {
      throw new AttemptFailure('HTTP 503: away', { status: 503 })
    })
    await expect(attempt).rejects.toMatchObject({
      name: 'ModelError',
      failure: 'unavailable',
      status: 503,
      message: expect.stringContaining('HTTP 503: away'),
    })
  })

  it('does not wait for what lies beyond its patience', async () => {
    let attempts = 0
    const attempt = retrying({ timing, signal: never() }, async () => {
      attempts++
      throw new AttemptFailure('busy', { status: 429, retryAfterMs: 3_600_000 })
    })
    await expect(attempt).rejects.toMatchObject({
      failure: 'unavailable',
      retryAfterMs: 3_600_000,
      message: expect.stringMatching(/wait 360\d s/),
    })
    expect(attempts).toBe(1)
  })

  it('passes on every other error at once', async () => {
    const broken = new Error('broken')
    await expect(retrying({ timing, signal: never() }, () => Promise.reject(broken))).rejects.toBe(broken)
  })

  it('ends a long wait at once when it is aborted, with the reason, and leaves no listener', async () => {
    const controller = new AbortController()
    const reason = new Error('the run was aborted')
    const attempt = retrying(
      {
        timing,
        signal: controller.signal,
        onRetry: () => void setImmediate(() => controller.abort(reason)),
      },
      async () => {
        throw new AttemptFailure('busy', { retryAfterMs: 9000 })
      },
    )
    const started = performance.now()
    await expect(attempt).rejects.toBe(reason)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})
