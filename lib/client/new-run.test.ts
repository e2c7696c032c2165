import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { gatePolicyAfter, NO_GATES } from '../contract/gate-policy.ts'
import { type GoalPart, type Run, StartRun } from '../contract/runs.ts'
import { parseProjectConfig } from '../goals/project-config.ts'
import {
  asCli,
  asCurl,
  EMPTY_FORM,
  formOfRun,
  goalsOf,
  type NewRunForm,
  newKey,
  quote,
  requestOf,
  type StartRunInput,
} from './new-run.ts'
import { asProjectFile } from './project-settings.ts'
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
  gate: 'each' as const,
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

/** The run that the server makes of a request with one goal in words. */
function runOf(goals: GoalPart[], changes: Partial<Run>): Run {
  return {
    ...summary({
      goal: "make it pass, don't cheat",
      cwd: '/srv/my shop',
      max_iterations: 5,
      max_cost_usd: 2.5,
      hitl_enabled: true,
      priority: -20,
    }),
    error: null,
    final_state: null,
    gate_policy: { ...NO_GATES, mode: 'each' },
    gates_skipped_until: null,
    continues: null,
    goal_name: 'command',
    check_command: null,
    success_condition: null,
    protect: 'report',
    max_tokens: null,
    max_minutes: 30,
    instructions: 'Keep the API.',
    sandbox: 'off',
    network: 'off',
    goals,
    goal_options: {},
    confirm: 0,
    no_progress_iterations: 3,
    ...changes,
  }
}

test('a run that is started again asks for the same', () => {
  const { body } = requestOf(FULL)
  const { check_command, success_condition } = StartRun.parse(body)
  const run = runOf([{ goal: "make it pass, don't cheat", check_command, success_condition }], {})
  const { check_timeout_seconds: _, ...same } = body
  expect(requestOf(formOfRun(run)).body).toEqual(same)
})

test.each([
  ['off', '', undefined],
  ['hosts', ' a.example,*.b.example:8443\n c.example ', ['a.example', '*.b.example:8443', 'c.example']],
] as const)('the network is %s', (network, network_hosts, asked) => {
  const { body, errors } = requestOf({ ...EMPTY_FORM, goal: 'pytest', network, network_hosts })
  expect(errors).toEqual({})
  expect(StartRun.parse(body).network).toEqual(asked)
  const run = runOf([{ goal: 'pytest' }], { goal: 'pytest', network: asked ? [...asked] : 'off' })
  expect(requestOf(formOfRun(run)).body.network).toEqual(asked)
})

test('a list of hosts without one is said before it is sent', () => {
  const { errors } = requestOf({ ...EMPTY_FORM, goal: 'pytest', network: 'hosts', network_hosts: ' , ' })
  expect(errors['/network']).toContain('packages.example.com')
})

const SEVERAL = {
  ...EMPTY_FORM,
  max_iterations: '',
  goal: 'score',
  goal_options: { target: 90, rubric: 'clear words', files: ['a.md'], strict: 'true' },
  others: [
    { goal: 'npm-test', check_command: '', rest: {} },
    { goal: 'shell-goal', check_command: 'make lint', rest: { goal_options: { deep: { a: 1 } } } },
  ],
  protect: 'patterns',
  protect_patterns: 'tests/**\n\n !tests/snap/** \n',
  confirm: '2',
  no_progress_iterations: '0',
}

test('several goals, settings, patterns and limits are a request, and come back from the run', () => {
  const { body, errors } = requestOf(SEVERAL)
  expect(errors).toEqual({})
  expect(StartRun.parse(body)).toEqual({
    goals: [
      { goal: 'score', goal_options: SEVERAL.goal_options },
      { goal: 'npm-test' },
      { goal: 'shell-goal', check_command: 'make lint', goal_options: { deep: { a: 1 } } },
    ],
    protect: ['tests/**', '!tests/snap/**'],
    confirm: 2,
    no_progress_iterations: 0,
  })
  const parts = StartRun.parse(body).goals!.map(part => (typeof part === 'string' ? { goal: part } : part))
  const run = runOf(parts, {
    goal: 'score + npm-test + shell-goal',
    protect: ['tests/**', '!tests/snap/**'],
    confirm: 2,
    no_progress_iterations: 0,
  })
  expect(requestOf(formOfRun(run)).body).toMatchObject(body)
  // Words of its own are kept beside the goals, also beside a single one.
  expect(requestOf(formOfRun({ ...run, goal: 'faster' })).body).toMatchObject({ ...body, goal: 'faster' })
  expect(requestOf(formOfRun({ ...run, goal: 'faster', goals: [{ goal: 'pytest' }] })).body).toMatchObject({
    goal: 'faster',
    goals: [{ goal: 'pytest' }],
  })
})

test('the goal of a run as it is asked for: alone by itself, several in a list, words where there are some', () => {
  const one: GoalPart = { goal: 'pytest', check_command: 'pytest -q' }
  expect(goalsOf({ goal: 'pytest', goals: [one] })).toEqual(one)
  expect(goalsOf({ goal: 'pytest + mypy', goals: [one, { goal: 'mypy' }] })).toEqual({ goals: [one, 'mypy'] })
  expect(goalsOf({ goal: 'fix it', goals: [{ goal: 'pytest' }] })).toEqual({
    goal: 'fix it',
    goals: ['pytest'],
  })
})

test('a goal that is left to the project is sent blank; beside others it has to be named', () => {
  const form = { ...EMPTY_FORM, max_iterations: '', by_project: true, goal: '', check_command: 'ignored' }
  expect(requestOf(form)).toEqual({ body: { goal: '' }, errors: {} })
  const others = [{ goal: '', check_command: '', rest: {} }]
  expect(requestOf({ ...form, others }).errors).toEqual({
    '/goal': expect.stringContaining('name the first goal'),
    '/goals/1/goal': expect.stringContaining('choose a goal'),
  })
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
    `retrai run 'make it pass, don'\\''t cheat' -C '/srv/my shop' -m claude-sonnet-4-6 -n 5 --cost 2.5 --time 30m --cmd 'make test' --protect report --instructions 'Keep the API.' --priority -20 --gate`,
  )
  expect(missing).toEqual(['check_timeout_seconds', 'success_condition'])
})

test('the CLI command has further goals and settings; text that reads as JSON is quoted as text', () => {
  const { command, missing } = asCli(requestOf(SEVERAL).body)
  expect(command).toBe(
    `retrai run score --and npm-test --and shell-goal --option target=90 --option 'rubric=clear words' ` +
      `--option 'files=["a.md"]' --option 'strict="true"' --confirm 2 --stalled 0`,
  )
  expect(missing).toEqual(['the settings of shell-goal', 'protect with patterns'])
  expect(asCli({}).command).toBe('retrai run')
})

test('keys do not repeat', () => {
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/)
  expect(newKey()).not.toBe(newKey())
})

test.each<[Partial<NewRunForm>, Partial<StartRunInput>, string]>([
  [{ gate: 'each' }, { hitl_enabled: true }, 'retrai run pytest --gate'],
  [{ gate: 'flags' }, { gate_policy: 'flags' }, 'retrai run pytest --gate flags'],
  [{ gate: 'off', on_timeout: 'abort' }, {}, 'retrai run pytest'],
  [
    { gate: 'each', on_timeout: 'abort', gate_timeout: '30' },
    { gate_policy: { mode: 'each', timeout_minutes: 30, on_timeout: 'abort' } },
    'retrai run pytest --gate --gate-timeout 30m',
  ],
  [
    { gate: 'flags', on_timeout: 'approve', gate_timeout: '1,5' },
    { gate_policy: { mode: 'flags', timeout_minutes: 1.5, on_timeout: 'approve' } },
    'retrai run pytest --gate flags --gate-timeout 1.5m --on-gate-timeout approve',
  ],
])('when it stops for a person is said the same way everywhere: %o', (fields, said, command) => {
  const { body, errors } = requestOf({ ...EMPTY_FORM, goal: 'pytest', max_iterations: '', ...fields })
  expect(errors).toEqual({})
  expect(body).toEqual({ goal: 'pytest', ...said })
  expect(StartRun.safeParse(body).success).toBe(true)
  expect(asCli(body)).toEqual({ command, missing: [] })
  const inFile = parseProjectConfig(asProjectFile(body))
  expect(gatePolicyAfter(NO_GATES, inFile)).toEqual(gatePolicyAfter(NO_GATES, said))
})
