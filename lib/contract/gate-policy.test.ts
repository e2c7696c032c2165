import { describe, expect, it, test } from 'vitest'
import {
  type GatePolicy,
  type GateRequest,
  gatePolicyAfter,
  gatePolicyWords,
  gateProblem,
  isGateSkipped,
  NO_GATES,
  skippedAfterChange,
  skippedAfterDecision,
  skippedWords,
} from './gate-policy.ts'
import { ApproveNext, GatePolicyChange, GatePolicyInput } from './gate-policy-schema.ts'

const EACH: GatePolicy = { ...NO_GATES, mode: 'each' }
const TIMED: GatePolicy = { mode: 'flags', timeout_minutes: 30, on_timeout: 'approve' }

describe('the policy after a request', () => {
  it.each<[string, GatePolicy, GateRequest, GatePolicy]>([
    ['nothing said', TIMED, {}, TIMED],
    ['gates, in the old word', NO_GATES, { hitl_enabled: true }, EACH],
    ['no gates, in the old word', TIMED, { hitl_enabled: false }, { ...TIMED, mode: 'off' }],
    ['the old word leaves the finer one', TIMED, { hitl_enabled: true }, TIMED],
    ['a word', NO_GATES, { gate_policy: 'flags' }, { ...NO_GATES, mode: 'flags' }],
    ['the finer word goes first', NO_GATES, { hitl_enabled: false, gate_policy: 'each' }, EACH],
    [
      'a time without more means abort',
      EACH,
      { gate_policy: { timeout_minutes: 5 } },
      { mode: 'each', timeout_minutes: 5, on_timeout: 'abort' },
    ],
    ['a longer time', TIMED, { gate_policy: { timeout_minutes: 60 } }, { ...TIMED, timeout_minutes: 60 }],
    ['no time any more', TIMED, { gate_policy: { timeout_minutes: null } }, { ...NO_GATES, mode: 'flags' }],
    ['waiting', TIMED, { gate_policy: { on_timeout: 'wait' } }, { ...NO_GATES, mode: 'flags' }],
    ['another end', TIMED, { gate_policy: { on_timeout: 'abort' } }, { ...TIMED, on_timeout: 'abort' }],
  ])('%s', (_, before, request, after) => {
    expect(gatePolicyAfter(before, request)).toEqual(after)
    expect(gateProblem(before, request)).toBeNull()
  })

  it('is not made of two words that contradict each other, or of half of one', () => {
    const both = gateProblem(NO_GATES, { hitl_enabled: true, gate_policy: 'off' })
    expect(both?.pointer).toBe('/hitl_enabled')
    const half = gateProblem(EACH, { gate_policy: { on_timeout: 'approve' } })
    expect(half?.pointer).toBe('/gate_policy/timeout_minutes')
  })
})

test('gates that need not open are counted from the one that was approved, and open again when somebody says so', () => {
  expect(skippedAfterDecision(null, {}, 3)).toBeNull()
  expect(skippedAfterDecision(null, { approve_next: 2 }, 3)).toBe(5)
  expect(skippedAfterDecision(5, {}, 6)).toBe(5)
  expect(skippedAfterDecision(5, { approve_next: 'rest' }, 6)).toBe('rest')
  expect([4, 5, 6].map(iteration => isGateSkipped(5, iteration))).toEqual([true, true, false])
  expect(isGateSkipped('rest', 1000)).toBe(true)
  expect(isGateSkipped(null, 1)).toBe(false)
  for (const asks of [
    { hitl_enabled: true },
    { gate_policy: 'each' },
    { gate_policy: { mode: 'flags' } },
  ] as const)
    expect(skippedAfterChange('rest', asks)).toBeNull()
  for (const other of [{}, { hitl_enabled: false }, { gate_policy: { timeout_minutes: 5 } }])
    expect(skippedAfterChange('rest', other)).toBe('rest')
})

test('it is said in words', () => {
  expect(skippedWords(5, 3)).toBe('gates are skipped for the next 2 iterations')
  expect(skippedWords(5, 4)).toBe('gates are skipped for the next iteration')
  expect(skippedWords(5, 5)).toBeNull()
  expect(skippedWords(null, 5)).toBeNull()
  expect(skippedWords('rest', 5)).toBe('gates are skipped for the rest of the run')
  expect(gatePolicyWords(NO_GATES)).toBe('off')
  expect(gatePolicyWords(EACH)).toBe('after each iteration')
  expect(gatePolicyWords(TIMED)).toBe(
    'only after an iteration with flags, approved after 30 minutes without an answer',
  )
})

test('what is just allowed passes, what is one more does not', () => {
  const pairs = [
    [GatePolicyInput, 'flags', 'often'],
    [GatePolicyInput, { mode: 'each' }, {}],
    [GatePolicyInput, { mode: 'each', timeout_minutes: 10_080 }, { mode: 'each', timeout_minutes: 10_081 }],
    [GatePolicyInput, { mode: 'each', timeout_minutes: 0.01 }, { mode: 'each', timeout_minutes: 0 }],
    [GatePolicyInput, { mode: 'each', on_timeout: 'wait' }, { mode: 'each', on_timeout: 'deny' }],
    [GatePolicyInput, { mode: 'off' }, { mode: 'off', timeout: 5 }],
    [GatePolicyChange, {}, { timeout_minutes: -1 }],
    [GatePolicyChange, { timeout_minutes: null }, null],
    [ApproveNext, 1, 0],
    [ApproveNext, 1000, 1001],
    [ApproveNext, 'rest', 'all'],
    [ApproveNext, 3, 3.5],
  ] as const
  for (const [schema, right, wrong] of pairs) {
    expect(schema.safeParse(right).success, JSON.stringify(right)).toBe(true)
    expect(schema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
  }
})
