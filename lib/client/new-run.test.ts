import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { StartRun } from '../contract/runs.ts'
import { asCli, asCurl, EMPTY_FORM, formOfRun, newKey, quote, requestOf } from './new-run.ts'
import { summary } from './run-summary.fixture.ts'

const FULL = {
  ...EMPTY_FORM,
  cwd: '/srv/my shop',
  goal: "make it pass, don't cheat",
  check_command: 'make test',
  model_name: 'claude-sonnet-4-6',
  max_iterations: '5',
  max_cost_usd: '2,50',
  max_minutes: '30',
  gate: true,
  instructions: 'Keep the API.',
  protect: 'report',
  exit_code: 'any',
  output_regex: 'ok$',
  max_seconds: '10',
  check_timeout_seconds: '60',
  priority: '−20',
}

test('a full form is a request the contract accepts', () => {
  const { body, errors } = requestOf(FULL)
  expect(errors).toEqual({})
  expect(StartRun.parse(body)).toEqual({
    cwd: '/srv/my shop',
    goal: "make it pass, don't cheat",
    check_command: 'make test',
    model_name: 'claude-sonnet-4-6',
    max_iterations: 5,
    max_cost_usd: 2.5,
    max_minutes: 30,
    hitl_enabled: true,
    instructions: 'Keep the API.',
    protect: 'report',
    success_condition: { exit_code: 'any', output_regex: 'ok$', max_seconds: 10 },
    check_timeout_seconds: 60,
    priority: -20,
  })
})

test('what was left empty is not sent', () => {
  expect(requestOf({ ...EMPTY_FORM, goal: 'pytest', max_iterations: '' }).body).toEqual({ goal: 'pytest' })
})

test('a missing goal and words in number fields are said without asking the server', () => {
  expect(
    requestOf({ ...EMPTY_FORM, max_iterations: 'many', exit_code: 'none', priority: 'high' }).errors,
  ).toEqual({
    '/goal': expect.stringContaining('goal'),
    '/max_iterations': 'must be a number',
    '/priority': 'must be a number',
    '/success_condition/exit_code': 'must be a number',
  })
})

test('a run that is started again asks for the same', () => {
  const { body } = requestOf(FULL)
  const run = StartRun.parse(body)
  const form = formOfRun({
    ...summary({
      goal: run.goal,
      cwd: '/srv/my shop',
      max_iterations: 5,
      max_cost_usd: 2.5,
      hitl_enabled: true,
      priority: -20,
    }),
    error: null,
    final_state: null,
    goal_name: 'command',
    check_command: 'make test',
    success_condition: run.success_condition ?? null,
    protect: 'report',
    max_tokens: null,
    max_minutes: 30,
    instructions: 'Keep the API.',
    sandbox: 'off',
    network: 'off',
    goals: [{ goal: 'pytest' }],
    goal_options: {},
    confirm: 0,
    no_progress_iterations: 3,
    judged: false,
  })
  expect(requestOf(form).body).toEqual({ ...body, check_timeout_seconds: undefined })
})

test('a shell reads the quoted words as they were', () => {
  for (const word of ['plain', 'with space', `it's`, '$HOME `id` "x" \\', 'line\nbreak', ''])
    expect(execFileSync('sh', ['-c', `printf %s ${quote(word)}`]).toString()).toBe(word)
})

test('the curl command sends the body', () => {
  const { body } = requestOf(FULL)
  const command = asCurl(body, 'http://localhost:8000').replace('curl -sS -X POST', 'printf "%s\\n"')
  const sent = execFileSync('sh', ['-c', command]).toString()
  expect(sent).toContain('http://localhost:8000/api/runs\n')
  expect(JSON.parse(sent.slice(sent.indexOf('{')))).toEqual(body)
})

test('the CLI command has the flags, and tells what it has none for', () => {
  const { command, missing } = asCli(requestOf(FULL).body)
  expect(command).toBe(
    `retrai run 'make it pass, don'\\''t cheat' -C '/srv/my shop' -m claude-sonnet-4-6 -n 5 --cost 2.5 --time 30m --cmd 'make test' --instructions 'Keep the API.' --priority -20 --gate`,
  )
  expect(missing).toEqual(['check_timeout_seconds', 'success_condition', 'protect'])
})

test('keys do not repeat', () => {
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/)
  expect(newKey()).not.toBe(newKey())
})
