import { expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { createRates } from './rates.ts'

const OTHER = '192.168.1.7'
const refused = expect.objectContaining({ code: 'too_many_requests' })

function ratesAt() {
  const clock = { ms: 0 }
  return { clock, rates: createRates(() => clock.ms) }
}

/** How many of so many were let through. */
function passed(count: number, ask: () => void): number {
  let passed = 0
  for (let at = 0; at < count; at++) {
    try {
      ask()
      passed++
    } catch (error) {
      expect(error).toEqual(refused)
    }
  }
  return passed
}

test('another machine may ask a burst, and then so many a second', () => {
  const { clock, rates } = ratesAt()
  const ask = () => rates.request(OTHER)
  expect(passed(1000, ask)).toBe(LIMITS.requestBurst)
  clock.ms += 1000
  expect(passed(1000, ask)).toBe(LIMITS.requestsPerSecond)
  clock.ms += 3_600_000
  expect(passed(1000, ask)).toBe(LIMITS.requestBurst)
})

test('one machine does not use up what another may ask', () => {
  const { rates } = ratesAt()
  passed(1000, () => rates.request(OTHER))
  expect(passed(10, () => rates.request('192.168.1.8'))).toBe(10)
})

test.each(['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'])(
  'programs here (%s) are not held back',
  peer => {
    const { rates } = ratesAt()
    expect(passed(5000, () => rates.request(peer))).toBe(5000)
  },
)

test.each(['127.0.0.1', OTHER])('of wrong tokens only so many a minute are even answered (%s)', peer => {
  const { clock, rates } = ratesAt()
  const guess = () => rates.wrongToken(peer)
  expect(passed(10_000, guess)).toBe(LIMITS.wrongTokensPerMinute)
  expect(guess).toThrow(expect.objectContaining({ headers: { 'Retry-After': '60' } }))
  clock.ms += 60_001
  expect(passed(100, guess)).toBe(LIMITS.wrongTokensPerMinute)
})

test('a hundred thousand addresses are not remembered', () => {
  const { rates } = ratesAt()
  for (let at = 0; at < LIMITS.rememberedPeers * 2; at++) rates.request(`10.0.${at >> 8}.${at & 255}`)
  expect(passed(1, () => rates.request('10.9.9.9'))).toBe(1)
})
