import { expect, test } from 'vitest'
import type { Run } from '#lib/contract/runs'
import { changesOf, LimitError } from './limit-changes.ts'

// Only what the form reads.
const run = {
  max_iterations: 20,
  max_cost_usd: 2,
  max_tokens: null,
  max_minutes: null,
  model_name: 'claude-sonnet-4-6',
  gate_policy: { mode: 'off' },
} as Run

test('only what differs is changed; an emptied budget is removed', () => {
  expect(changesOf(run, {})).toEqual({})
  expect(changesOf(run, { max_iterations: ' 20 ', max_cost_usd: '2', gates: 'off' })).toEqual({})
  expect(
    changesOf(run, { max_iterations: '30', max_cost_usd: '', max_tokens: '5000', max_minutes: '1,5' }),
  ).toEqual({ max_iterations: 30, max_cost_usd: null, max_tokens: 5000, max_minutes: 1.5 })
  expect(changesOf(run, { model_name: 'ollama/qwen3', gates: 'flags' })).toEqual({
    model_name: 'ollama/qwen3',
    gate_policy: 'flags',
  })
})

test.each([
  ['max_cost_usd', 'plenty'],
  ['max_cost_usd', '1,500.00'],
  ['max_tokens', '1e6'],
  ['max_minutes', 'Infinity'],
  ['max_iterations', ''],
  ['model_name', ' '],
] as const)('%s: «%s» is refused at its field, and removes no budget', (name, typed) => {
  expect(() => changesOf({ ...run, max_tokens: 9000 }, { [name]: typed })).toThrow(LimitError)
})
