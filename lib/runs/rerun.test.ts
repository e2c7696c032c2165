import { expect, test } from 'vitest'
import { Rerun, StartRun } from '#lib/contract/runs'
import { newRecord } from '#lib/testing/records'
import { rerunRequest } from './rerun.ts'

const record = newRecord({
  goal: 'make it work',
  cwd: '/project',
  modelName: 'claude-sonnet-4-6',
  maxIterations: 7,
  gatePolicy: { mode: 'each', timeout_minutes: 30, on_timeout: 'abort' },
  maxCostUsd: 2.5,
  maxTokens: 200_000,
  maxMinutes: null,
  tags: ['night'],
  priority: 3,
  request: {
    ...newRecord().request,
    protect: ['tests/**'],
    confirm: 2,
    noProgressIterations: 0,
    checkTimeoutMs: 30_000,
    instructions: 'Be brief',
    network: ['packages.example.com'],
    sandbox: 'off',
    commandPolicy: { deny: ['terraform *'], on_ask: 'deny' },
    goals: [{ goal: 'make it work', check_command: 'sh check.sh', success_condition: { exit_code: 0 } }],
  },
})

test('a run is asked for again with everything it had', () => {
  expect(StartRun.parse(rerunRequest(record))).toEqual({
    goal: 'make it work',
    goals: [{ goal: 'make it work', check_command: 'sh check.sh', success_condition: { exit_code: 0 } }],
    cwd: '/project',
    model_name: 'claude-sonnet-4-6',
    max_iterations: 7,
    gate_policy: { mode: 'each', timeout_minutes: 30, on_timeout: 'abort' },
    check_timeout_seconds: 30,
    protect: ['tests/**'],
    confirm: 2,
    no_progress_iterations: 0,
    max_cost_usd: 2.5,
    max_tokens: 200_000,
    instructions: 'Be brief',
    network: ['packages.example.com'],
    sandbox: 'off',
    command_policy: { deny: ['terraform *'], on_ask: 'deny' },
    tags: ['night'],
    priority: 3,
  })
})

test('what is given goes before what it had, and null removes a budget', () => {
  const changes = Rerun.parse({
    model_name: 'other',
    max_cost_usd: null,
    max_minutes: 5,
    hitl_enabled: false,
  })
  const request = StartRun.parse(rerunRequest(record, changes))
  expect(request).toMatchObject({ model_name: 'other', max_minutes: 5, gate_policy: { mode: 'off' } })
  expect(request).not.toHaveProperty('max_cost_usd', expect.anything())
  expect(request.goals).toHaveLength(1)
})

test('of the rules for commands, what is given goes before what it had, one by one', () => {
  const changes = Rerun.parse({ command_policy: { on_ask: 'wait', ask: ['docker push'] } })
  expect(rerunRequest(record, changes).command_policy).toEqual({
    deny: ['terraform *'],
    ask: ['docker push'],
    on_ask: 'wait',
  })
})

test('another check belongs to the same goal; another goal brings its own', () => {
  const stricter = StartRun.parse(rerunRequest(record, { check_command: 'make check' }))
  expect(stricter.goals).toEqual([
    { goal: 'make it work', check_command: 'make check', success_condition: { exit_code: 0 } },
  ])
  expect(stricter).not.toHaveProperty('check_command', expect.anything())
  const other = StartRun.parse(rerunRequest(record, { goal: 'pytest' }))
  expect(other).toMatchObject({ goal: 'pytest', cwd: '/project' })
  expect(other).not.toHaveProperty('goals', expect.anything())
})

test('of several goals all come again', () => {
  const goals = [{ goal: 'pytest' }, { goal: 'pyright' }]
  const several = newRecord({ goal: 'pytest + pyright', request: { ...record.request, goals } })
  expect(rerunRequest(several)).toMatchObject({ goal: 'pytest + pyright', goals })
})

test('a field nobody knows is refused', () => {
  expect(Rerun.safeParse({ modelname: 'x' }).success).toBe(false)
})
