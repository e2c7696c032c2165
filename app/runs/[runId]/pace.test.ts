import { expect, test } from 'vitest'
import type { IterationFacts } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { paceOf } from './pace.ts'

// Only what the projection reads.
const run = (more: Partial<Run> = {}) =>
  ({ max_iterations: 20, max_cost_usd: null, max_tokens: null, max_minutes: null, ...more }) as Run
const facts = (iteration: number, before: number | null, failed: number | null, more = {}) =>
  ({
    iteration,
    startedAt: iteration * 100,
    endedAt: iteration * 100 + 60,
    tokens: 1000,
    costUsd: 0.1,
    failingBefore: before,
    check: failed === null ? null : { tests: { failed } },
    ...more,
  }) as unknown as IterationFacts

test('a run that fixes three tests an iteration needs so many more, at so much each', () => {
  expect(paceOf(run(), [facts(1, 14, 11), facts(2, 11, 8)])).toEqual({
    iterationsToGoal: 5,
    costToGoal: 0.5,
    costOfAll: 2,
    endsBy: null,
  })
})

test('one that gets nowhere, or counts nothing, has no end to be seen', () => {
  expect(paceOf(run(), [facts(1, 5, 5)])?.iterationsToGoal).toBeNull()
  expect(paceOf(run(), [facts(1, null, null)])?.iterationsToGoal).toBeNull()
  expect(paceOf(run(), [facts(1, 1000, 999)])?.iterationsToGoal).toBeNull()
  expect(paceOf(run(), [])).toBeNull()
  expect(paceOf(run(), [facts(1, 5, 4, { endedAt: null })])).toBeNull()
})

test('the budget that runs out first is named, with its iteration', () => {
  const some = [facts(1, 9, 9)]
  expect(paceOf(run({ max_cost_usd: 0.35, max_tokens: 9000 }), some)?.endsBy).toEqual({
    budget: 'cost',
    iteration: 4,
  })
  expect(paceOf(run({ max_tokens: 2500 }), some)?.endsBy).toEqual({ budget: 'tokens', iteration: 3 })
  expect(paceOf(run({ max_minutes: 2 }), some)?.endsBy).toEqual({ budget: 'time', iteration: 2 })
  expect(paceOf(run({ max_cost_usd: 100 }), some)?.endsBy).toBeNull()
  expect(paceOf(run(), [facts(1, 9, 9, { costUsd: null })])?.costOfAll).toBeNull()
})
