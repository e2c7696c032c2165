import { expect, test } from 'vitest'
import type { Payload } from '#lib/contract/event'
import { type Before, failuresOf, isBetter, leftAsItWas, progressOf } from './progress.ts'

const check = (fields: Partial<Payload<'goal_check'>>): Payload<'goal_check'> => ({
  achieved: false,
  reason: '',
  baseline: false,
  command: 'make',
  exit_code: 1,
  duration_ms: 1,
  output: '',
  truncated: false,
  bytes: 0,
  tests: null,
  flags: [],
  broken: false,
  tree: null,
  ...fields,
})
const failing = (names: string[], change: { fixed?: string[]; newly?: string[] } = {}) =>
  check({
    tests: {
      passed: 5,
      failed: names.length,
      skipped: 0,
      total: 5 + names.length,
      failing: names,
      newly_failing: change.newly ?? [],
      fixed: change.fixed ?? [],
    },
  })
const measured = (value: number, better: 'lower' | 'higher' = 'lower') =>
  check({ measurement: { name: 'm', value, unit: 'ms', target: 1, better, baseline: null, samples: [] } })

test('the same failures are the same in any order, whatever was printed', () => {
  expect(failuresOf(failing(['a', 'b']))).toBe(failuresOf({ ...failing(['b', 'a']), output: 'other' }))
  expect(failuresOf(failing(['a']))).not.toBe(failuresOf(failing(['b'])))
})

test('without names the output decides, but not its times and addresses', () => {
  const printed = (output: string) => failuresOf(check({ output }))
  expect(printed('failed after 12 ms at 0x7f3a')).toBe(printed('failed after 9 ms at 0xbeef'))
  expect(printed('no such file')).not.toBe(printed('syntax error'))
})

test('a trend is told from what was fixed and what broke', () => {
  const after = (lastCheck: Before['lastCheck'], sameFor: number): Before => ({
    lastCheck,
    sameFor,
    best: lastCheck?.measurement?.value ?? null,
    ran: ['a call'],
  })
  const trend = (before: Before['lastCheck'], now: NonNullable<Before['lastCheck']>, sameFor: number) =>
    progressOf(after(before, sameFor), now).trend
  expect(trend(failing(['a', 'b']), failing(['b'], { fixed: ['a'] }), 1)).toBe('better')
  expect(trend(failing(['a']), failing(['a', 'b'], { newly: ['b'] }), 1)).toBe('worse')
  expect(trend(failing(['a']), failing(['b'], { fixed: ['a'], newly: ['b'] }), 1)).toBe('mixed')
  expect(progressOf(after(failing(['a']), 2), failing(['a']))).toMatchObject({ trend: 'same', same_for: 3 })
  expect(trend(check({ output: 'x' }), check({ output: 'y' }), 1)).toBe('unknown')
  expect(trend(measured(100), measured(50), 1)).toBe('better')
  expect(trend(measured(100), measured(150), 1)).toBe('worse')
  expect(trend(measured(100), measured(101), 1)).toBe('same')
  expect(trend(measured(50, 'higher'), measured(80, 'higher'), 1)).toBe('better')
})

test('a measurement has to be better than the best one, by more than it wobbles', () => {
  expect(isBetter(measured(99).measurement, 100)).toBe(false)
  expect(isBetter(measured(90).measurement, 100)).toBe(true)
  expect(isBetter(undefined, 100)).toBe(false)
})

test('where nothing is named, work may come nearer unseen: only an attempt without a call left everything as it was', () => {
  const red = check({ output: 'no' })
  expect(leftAsItWas(red, red, { best: null, calls: 1 })).toBe(false)
  expect(leftAsItWas(red, red, { best: null, calls: 0 })).toBe(true)
  expect(leftAsItWas(failing(['a']), failing(['a']), { best: null, calls: 9 })).toBe(true)
  expect(leftAsItWas(null, red, { best: null, calls: 0 })).toBe(false)
})
