import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { createRunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { startingSteps } from './starting-steps.ts'

const RUN = { status: 'running', iteration: 0, cwd: '/p', sandbox: 'bwrap', outcome: null, model_name: 'm' }
const run = (more: Partial<Run> = {}) => ({ ...RUN, ...more }) as Run // only what the steps read

function states(run: Run, ...kinds: [kind: string, payload: unknown, iteration?: number][]) {
  const view = createRunView()
  view.append(
    kinds.map(
      // Only what the view reads of them.
      ([kind, payload, iteration = 0], i) =>
        ({ kind, payload, iteration, seq: i + 1, ts: i + 1, run_id: 'r' }) as unknown as RunEvent,
    ),
  )
  return startingSteps(view, run)?.map(({ name, state }) => `${name} ${state}`) ?? null
}

const start = (base: string | null) =>
  ['run_start', { base, goal: 'g', goal_name: 'g', cwd: '/p', model_name: 'm' }] as [string, unknown]
const step = (node: string, iteration = 0) => ['step_start', { node }, iteration] as [string, unknown, number]
const check = (broken: boolean) =>
  ['goal_check', { broken, reason: 'not found', tests: null, output: '', flags: [], duration_ms: 1 }] as [
    string,
    unknown,
  ]

const USAGE = {
  input_tokens: 1,
  output_tokens: 1,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
  duration_ms: 1,
  model: 'm',
}

test('each step is under way, then right, until the model has answered', () => {
  expect(states(run())).toEqual([
    'Directory done',
    'Snapshot going',
    'Sandbox done',
    'Goal’s check waiting',
    'Model waiting',
  ])
  expect(states(run(), start('t'), step('evaluate'))?.[3]).toBe('Goal’s check going')
  const asked = [start('t'), step('evaluate'), check(false), step('plan', 1)] as const
  expect(states(run(), ...asked)?.slice(3)).toEqual(['Goal’s check done', 'Model going'])
  expect(states(run(), ...asked, ['llm_usage', USAGE, 1])).toBeNull()
})

test('what is not right is said, also once the run has failed', () => {
  expect(states(run({ sandbox: 'off' }), start(null))?.slice(1, 3)).toEqual(['Snapshot warn', 'Sandbox warn'])
  const failed = run({ status: 'failed', outcome: 'check_broken', reason: 'pytest: not found' })
  expect(states(failed, start('t'), check(true))?.[3]).toBe('Goal’s check failed')
  const asked = [start('t'), check(false), step('plan', 1)] as const
  expect(
    states(run(), ...asked, ['model_retry', { attempt: 1, reason: 'HTTP 529', wait_ms: 1 }, 1])?.[4],
  ).toBe('Model warn')
  expect(states(run({ status: 'failed', outcome: 'model_error' }), ...asked)?.[4]).toBe('Model failed')
})

test('a run in line, one that ended well and one whose beginning is not loaded have none', () => {
  expect(states(run({ status: 'queued' }))).toBeNull()
  expect(states(run({ status: 'achieved' }), start('t'))).toBeNull()
  expect(states(run({ iteration: 2 }), start('t'))).toBeNull()
})
