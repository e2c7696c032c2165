import { expect, test } from 'vitest'
import type { Flag, Progress } from '#lib/contract/events/shared'
import { measured, progressWords, saidYes, sameWords, targetWords, verdictWord } from './progress-words.ts'
import { checkTone, checkWords } from './row-words.ts'

const progress = (changes: Partial<Progress> = {}): Progress => ({
  failing_before: 5,
  failing_after: 3,
  fixed: ['a', 'b', 'c'],
  newly_failing: ['d'],
  trend: 'mixed',
  same_for: 1,
  ...changes,
})
const blocking: Flag = { code: 'protected_changed', path: 'a', detail: 'a was edited', blocks: true }
const informing: Flag = { ...blocking, blocks: undefined }

test('what an iteration did is said in words, for those who do not see signs', () => {
  expect(progressWords(progress())).toBe('3 fixed, 1 newly failing, better and worse')
  expect(progressWords(progress({ fixed: [], newly_failing: [], trend: 'same', same_for: 3 }))).toBe(
    'no change, same for 3 checks',
  )
})

test('the same is said only once it is a pattern, and never of what got better', () => {
  expect(sameWords(progress({ trend: 'same', same_for: 1 }))).toBeNull()
  expect(sameWords(progress({ trend: 'same', same_for: 2 }))).toBe('same for 2 checks')
  expect(sameWords(progress({ trend: 'better', same_for: 4 }))).toBeNull()
})

test('measurements are in their unit, with what was wanted', () => {
  expect(measured(1234, 'ms')).toBe('1.2 s')
  expect(measured(72.25, 'points')).toBe('72.3 points')
  const measurement = { name: 'median', value: 1, unit: 'ms', baseline: null, samples: [] } as const
  expect(targetWords({ ...measurement, samples: [], target: 300, better: 'lower' })).toBe('at most 300 ms')
  expect(targetWords({ ...measurement, samples: [], target: 300, better: 'higher' })).toBe('at least 300 ms')
})

test('a green check that does not count is neither met nor merely not met', () => {
  const refused = { achieved: false, broken: false, flags: [blocking] }
  expect(verdictWord(refused, true)).toBe('does not count')
  expect(verdictWord(refused, false)).toBe('not met')
  expect(verdictWord({ ...refused, flags: [informing] }, true)).toBe('not met')
  expect(verdictWord({ ...refused, achieved: true }, true)).toBe('met')
  expect(verdictWord({ ...refused, broken: true }, false)).toBe('cannot run')
})

test('the check said yes when nothing failed and something ran; without counts its exit code says so', () => {
  const check = { achieved: false, broken: false, exit_code: 0, tests: null }
  expect(saidYes(check)).toBe(true)
  expect(saidYes({ ...check, exit_code: 1 })).toBe(false)
  expect(saidYes({ ...check, tests: { failed: 0, passed: 3 } })).toBe(true)
  expect(saidYes({ ...check, tests: { failed: 0, passed: 0 } })).toBe(false)
  expect(saidYes({ ...check, broken: true })).toBe(false)
})

const tests = {
  passed: 2,
  failed: 0,
  skipped: 0,
  total: 2,
  failing: [],
  newly_failing: [],
  fixed: [],
}
const facts = {
  iteration: 1,
  startedAt: 0,
  endedAt: 1,
  tokens: 0,
  costUsd: 0,
  toolCalls: 0,
  failingBefore: 2,
  diffStat: null,
  firstSeq: 1,
  lastSeq: 9,
  progress: null,
}

test('an iteration whose green does not count is not told in green', () => {
  const check = { achieved: false, reason: 'r', tests, flags: [blocking], measurement: null }
  expect(checkWords({ check, failingBefore: 2 })).toBe('green does not count')
  expect(checkTone({ ...facts, check })).toBe('text-err')
  const better = progress({ trend: 'better' })
  expect(checkTone({ ...facts, check, progress: better })).toBe('text-err')
  expect(checkTone({ ...facts, check: { ...check, achieved: true } })).toBe('text-ok')
})

test('an iteration without counts is refused where the server says so', () => {
  const check = { achieved: false, reason: 'it failed', tests: null, flags: [blocking], measurement: null }
  expect(checkWords({ check, failingBefore: null })).toBe('check not passed')
  const reason = 'exit 0, but that does not count: check.sh was changed'
  expect(checkWords({ check: { ...check, reason }, failingBefore: null })).toBe('green does not count')
})
