import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { logEvent, usageEvent } from '#lib/testing/records'
import { createSpendToday } from './spend-today.ts'

/** In the middle of the day, wherever the test runs. */
const NOON = new Date(2027, 0, 15, 12).getTime()
const HOUR = 3_600_000

function place() {
  let at = NOON
  const spend = createSpendToday({ now: () => at })
  let seq = 0
  const usage = (cost_usd: number | null, hoursLater = 0) =>
    ({
      ...usageEvent({ cost_usd }),
      run_id: 'r1',
      seq: ++seq,
      ts: (NOON + hoursLater * HOUR) / 1000,
    }) as RunEvent
  const wait = (hours: number) => {
    at += hours * HOUR
  }
  return { spend, usage, wait }
}

test('it adds what calls cost, and says how many had no known price', () => {
  const { spend, usage } = place()
  const other = { ...logEvent('x'), run_id: 'r1', seq: 99, ts: NOON / 1000 } as RunEvent
  spend.observe([usage(0.25), usage(null), other])
  spend.observe([usage(0.1)])
  expect(spend.get()).toEqual({
    usd: 0.35,
    since: `${new Date(2027, 0, 15).toISOString().slice(0, 19)}Z`,
    unpriced_calls: 1,
  })
})

test('it begins anew at midnight', () => {
  const { spend, usage, wait } = place()
  spend.observe([usage(1)])
  wait(13)
  expect(spend.get()).toMatchObject({ usd: 0, unpriced_calls: 0 })
  spend.observe([usage(0.5, 13)])
  expect(spend.get().usd).toBe(0.5)
})

test('what was stored before the start counts once, and what is of yesterday not', async () => {
  const { spend, usage } = place()
  const [yesterday, before, meanwhile] = [usage(8, -13), usage(0.5, -2), usage(0.25)]
  let asked = 0
  await spend.load(async function* (since) {
    asked = since
    spend.observe([meanwhile])
    yield [yesterday, before]
    yield [meanwhile]
  })
  expect(asked).toBe(new Date(2027, 0, 15).getTime())
  expect(spend.get().usd).toBe(0.75)
})
