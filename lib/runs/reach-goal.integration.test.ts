// The main job, on the built product: a goal, a folder, a model; at the end the goal's own check passes.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Usage } from '#lib/models/model'
import { costOf, factsOf } from '#lib/models/pricing'
import { type Api, api } from '#lib/testing/api'
import { followWs } from '#lib/testing/follow-ws'
import {
  bash,
  makeProject,
  NODE_PROJECT,
  PYTEST_PROJECT,
  patch,
  repairShell,
  runCheck,
  SHELL_GOAL,
  SHELL_PROJECT,
} from '#lib/testing/make-project'
import { type Answer, text, turn } from '#lib/testing/messages-script'
import { type MessagesServer, startMessagesServer } from '#lib/testing/messages-server'
import { startServer, type TestServer } from '#lib/testing/server'

const usage = (input: number, output: number, read: number, written: number): Usage => ({
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: read,
  cache_creation_input_tokens: written,
})

// One script for each project: told apart by the project's folder, which the first message names.
const USAGES = [usage(12, 310, 0, 4_211), usage(7, 95, 4_211, 633), usage(3, 41, 4_844, 120)]
const repairNode: Answer[] = [
  turn([text('I run the tests.'), bash('npm test 2>&1 | tail -n 20')], { usage: USAGES[0] }),
  turn([patch('src/add.mjs', 'a - b', 'a + b')], { usage: USAGES[1] }),
  turn([runCheck()], { usage: USAGES[2] }),
]
const repairPython: Answer[] = [
  turn([bash('python3 -m pytest -q 2>&1 | tail -n 20'), patch('calc.py', 'a - b', 'a + b')]),
  turn([text('add adds now.')]),
]

let model: MessagesServer
let server: TestServer
let client: Api
const scripts = new Map<string, Answer[]>()

beforeAll(async () => {
  model = await startMessagesServer({
    respond(request) {
      const [, script] = [...scripts].find(([folder]) => request.firstUserText.includes(folder)) ?? []
      return script?.[request.assistantMessages] ?? turn([text('There is nothing left to say.')])
    },
  })
  server = await startServer({ env: { ANTHROPIC_BASE_URL: model.url } })
  client = api(server.url)
})
afterAll(async () => {
  await server?.close()
  await model?.close()
})

async function project(files: Record<string, string>, script: Answer[]) {
  const made = await makeProject(files)
  onTestFinished(() => made.remove())
  scripts.set(made.path, script)
  return made.path
}

describe('a run reaches its goal', () => {
  it('npm-test: the bug is repaired, the tests pass, and the bill is exact', async () => {
    const cwd = await project(NODE_PROJECT, repairNode)
    const started = await client.request('POST', '/api/runs', { body: { goal: 'npm-test', cwd } })
    expect(started.status).toBe(201)
    const { run_id: runId } = started.json as { run_id: string }
    expect(started.headers.get('location')).toBe(`/api/runs/${runId}`)
    const run = await client.until(runId, 'achieved')

    const spent = USAGES.reduce(
      (sum, one) =>
        usage(
          sum.input_tokens + one.input_tokens,
          sum.output_tokens + one.output_tokens,
          sum.cache_read_input_tokens + one.cache_read_input_tokens,
          sum.cache_creation_input_tokens + one.cache_creation_input_tokens,
        ),
      usage(0, 0, 0, 0),
    )
    const tokens = Object.values(spent).reduce((sum, one) => sum + one, 0)
    // Sonnet 4.6 by the million: 3 in, 15 out, 0.30 read from the cache, 3.75 written to it.
    const cost = (22 * 3 + 446 * 15 + 9_055 * 0.3 + 4_964 * 3.75) / 1e6
    expect(tokens).toBe(22 + 446 + 9_055 + 4_964)
    expect(run.model_name).toBe('claude-sonnet-4-6')
    expect(run.estimated_cost_usd).toBeCloseTo(cost, 10)
    expect(costOf(spent, factsOf('claude-sonnet-4-6').price)).toBeCloseTo(cost, 10)
    expect(run.final_state).toEqual({
      iteration: 1,
      goal_achieved: true,
      goal_reason: expect.stringMatching(/\b2\b.*pass/i),
      total_tokens: tokens,
      estimated_cost_usd: run.estimated_cost_usd,
      outcome: 'achieved',
    })
    expect(run).toMatchObject({ status: 'achieved', error: null, failing: 0, tests_total: 2, trend: [1, 0] })
    expect(await readFile(path.join(cwd, 'src/add.mjs'), 'utf8')).toContain('a + b')

    const events = await client.events(runId)
    const bills = events.filter(event => event.kind === 'llm_usage')
    expect(bills.map(({ payload }) => payload)).toMatchObject(USAGES)
    expect(bills.reduce((sum, { payload }) => sum + (payload.cost_usd ?? 0), 0)).toBeCloseTo(cost, 10)
    const [complete] = events.filter(event => event.kind === 'iteration_complete')
    expect(complete?.payload).toMatchObject({ iteration: 1, tokens, tool_calls: 3 })
    expect(events.at(-1)).toMatchObject({
      kind: 'run_end',
      payload: { achieved: true, iterations: 1, total_tokens: tokens, status: 'achieved' },
    })
    const [before, after] = events.filter(event => event.kind === 'goal_check')
    expect(before?.payload).toMatchObject({
      achieved: false,
      baseline: true,
      tests: { failed: 1, passed: 1 },
    })
    expect(after?.payload).toMatchObject({ achieved: true, tests: { failed: 0, passed: 2 }, exit_code: 0 })
  })

  it('pytest: the same in Python', async () => {
    const cwd = await project(PYTEST_PROJECT, repairPython)
    const run = await client.finish({ goal: 'pytest', cwd, max_iterations: 5 })
    expect(run).toMatchObject({
      status: 'achieved',
      failing: 0,
      tests_total: 2,
      trend: [1, 0],
      max_iterations: 5,
    })
    expect(run.final_state).toMatchObject({ goal_achieved: true, iteration: 1 })
  })

  it('any text with a command that checks it', async () => {
    const cwd = await project(SHELL_PROJECT, repairShell)
    const run = await client.finish({ ...SHELL_GOAL, cwd })
    expect(run).toMatchObject({
      status: 'achieved',
      outcome: 'achieved',
      check_command: 'sh check.sh',
      failing: null,
    })
    expect(await readFile(path.join(cwd, 'app.txt'), 'utf8')).toBe('works\n')
  })

  it('what is green already costs nothing: no iteration, no model call', async () => {
    const before = model.requests.length
    const cwd = await project({ ...SHELL_PROJECT, 'app.txt': 'works\n' }, [])
    const run = await client.finish({ ...SHELL_GOAL, cwd })
    expect(run.final_state).toMatchObject({
      iteration: 0,
      goal_achieved: true,
      total_tokens: 0,
      estimated_cost_usd: 0,
      outcome: 'already_green',
    })
    expect(model.requests.length).toBe(before)
  })

  it('a check that cannot run is said before any money is spent', async () => {
    const before = model.requests.length
    const cwd = await project({ 'README.md': 'nothing here\n' }, [])
    const run = await client.finish({ goal: 'make it work', check_command: 'no-such-command-anywhere', cwd })
    expect(run).toMatchObject({ status: 'failed', outcome: 'check_broken', total_tokens: 0 })
    expect(run.reason).toContain('no-such-command-anywhere')
    expect(model.requests.length).toBe(before)
  })

  it('a budget of one iteration that does not suffice ends exhausted, and says which budget', async () => {
    const cwd = await project(SHELL_PROJECT, [turn([text('I give up.')])])
    const run = await client.finish({ ...SHELL_GOAL, cwd, max_iterations: 1 })
    expect(run).toMatchObject({ status: 'exhausted', outcome: 'iterations', iteration: 1 })
    expect(run.final_state).toMatchObject({ goal_achieved: false, iteration: 1, outcome: 'iterations' })
    expect(run.reason).toMatch(/1 iteration/)
  })
})

it('every event on the wire is what the published document says, and REST and WebSocket tell the same', async () => {
  const cwd = await project(NODE_PROJECT, repairNode)
  const { run_id: runId } = await client.start({ goal: 'npm-test', cwd, hitl_enabled: false })
  const follower = followWs(server.url, runId)
  expect(await follower.closed).toMatchObject({ code: 1000 })
  const { checkEvent, seen } = await client.contract()
  for (const event of follower.events) checkEvent(event)
  expect(follower.events).toEqual(await client.events(runId))
  const kinds = new Set(follower.events.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining([
      'goal_check',
      'iteration_complete',
      'llm_usage',
      'run_end',
      'step_start',
      'tool_call',
      'tool_result',
    ]),
  )
  // Every reading endpoint answered what the document says, about a real run.
  for (const rest of [
    '',
    '/iterations',
    '/diff',
    '/diff?iteration=1',
    '/events?kind=tool_call,tool_result',
  ]) {
    await client.ok('GET', `/api/runs/${runId}${rest}`)
  }
  for (const url of ['/api/goals', '/api/models', '/api/gates', '/healthz', '/readyz'])
    await client.ok('GET', url)
  const { text: metrics } = await client.request('GET', '/metrics')
  for (const line of [
    /^retrai_runs_total\{status="achieved",goal="npm-test"\} [1-9]/m,
    /^retrai_tool_calls_total\{tool="bash_exec",ok="true"\} [1-9]/m,
    /^retrai_http_request_duration_seconds_count\{route="GET \/api\/runs\/\{run_id\}",status="200"\} [1-9]/m,
    /^retrai_runs_active 0$/m,
  ])
    expect(metrics).toMatch(line)
  expect(metrics).not.toContain(runId)
  await client.ok('POST', '/api/goals/detect', { body: { cwd } })
  await client.ok('POST', '/api/goals/check', { body: { goal: 'npm-test', cwd } })
  expect(seen.get('getRun 200')).toBeGreaterThan(0)
  expect(seen.get('listIterations 200')).toBe(1)
})
