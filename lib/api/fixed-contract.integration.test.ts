// What users already rely on: paths, field names, types, status codes and event payloads, written out once more by hand. These
// literals are the promise; they are not taken from lib/contract, so that a change there fails here.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, api } from '#lib/testing/api'
import { type Follower, followWs } from '#lib/testing/follow-ws'
import {
  makeProject,
  type Project,
  repairShellAtSecond,
  SHELL_GOAL,
  SHELL_PROJECT,
} from '#lib/testing/make-project'
import { type MessagesServer, startMessagesServer } from '#lib/testing/messages-server'
import { startServer, type TestServer } from '#lib/testing/server'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

let model: MessagesServer
let server: TestServer
let project: Project
let client: Api

beforeAll(async () => {
  model = await startMessagesServer({ script: repairShellAtSecond })
  project = await makeProject(SHELL_PROJECT)
  server = await startServer({ env: { ANTHROPIC_BASE_URL: model.url, RETRAI_CWD: project.path } })
  client = api(server.url)
})
afterAll(async () => {
  await server?.close()
  await model?.close()
  await project?.remove()
})

describe('a run, seen by an existing client', () => {
  let runId = ''
  let follower: Follower

  it('POST /api/runs answers 201 with run_id and status', async () => {
    const answer = await client.request('POST', '/api/runs', {
      body: {
        goal: SHELL_GOAL.goal,
        check_command: SHELL_GOAL.check_command,
        cwd: project.path,
        model_name: 'claude-sonnet-4-6',
        max_iterations: 20,
        hitl_enabled: true,
      },
    })
    expect(answer.status).toBe(201)
    expect(answer.json).toEqual({ run_id: expect.stringMatching(UUID), status: 'running' })
    runId = (answer.json as { run_id: string }).run_id
    follower = followWs(server.url, runId)
  })

  it('GET /api/runs/{run_id} has final_state null until the run has ended', async () => {
    await client.until(runId, 'waiting')
    const answer = await client.request('GET', `/api/runs/${runId}`)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({
      run_id: runId,
      goal: 'make it work',
      status: 'waiting',
      model_name: 'claude-sonnet-4-6',
      max_iterations: 20,
      hitl_enabled: true,
      cwd: project.path,
      error: null,
      final_state: null,
    })
  })

  it('POST /api/runs/{run_id}/resume answers 200 to approve', async () => {
    const answer = await client.request('POST', `/api/runs/${runId}/resume`, {
      body: { decision: 'approve' },
    })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ decision: 'approve' })
  })

  it('GET /api/runs/{run_id} has the final state in the end', async () => {
    const run = await client.until(runId, 'achieved')
    expect(run).toMatchObject({ status: 'achieved', error: null })
    expect(run.final_state).toMatchObject({
      iteration: 2,
      goal_achieved: true,
      goal_reason: expect.stringMatching(/./),
      total_tokens: expect.any(Number),
      estimated_cost_usd: expect.any(Number),
    })
  })

  it('GET /api/runs is a bare array, newest first', async () => {
    const { run_id: second } = await client.start({ goal: 'again', check_command: 'true', cwd: project.path })
    const answer = await client.request('GET', '/api/runs')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    const rows = answer.json as Record<string, unknown>[]
    expect(rows.map(row => row.run_id)).toEqual([second, runId])
    expect(rows[1]).toMatchObject({
      run_id: runId,
      goal: 'make it work',
      status: 'achieved',
      created_at: expect.stringMatching(ISO),
    })
  })

  it('WS /api/ws/{run_id} sent one JSON object per text frame, with the payloads that clients read', async () => {
    expect(await follower.closed).toMatchObject({ code: 1000 })
    const { events } = follower
    for (const event of events) {
      expect(event).toEqual({
        kind: expect.any(String),
        run_id: runId,
        iteration: expect.any(Number),
        ts: expect.any(Number),
        seq: expect.any(Number),
        payload: expect.any(Object),
      })
      // Seconds, not milliseconds, with a fraction.
      expect(Math.abs(event.ts - Date.now() / 1000)).toBeLessThan(600)
    }
    const first = (kind: string) => events.find(event => event.kind === kind)?.payload
    expect(first('step_start')).toMatchObject({
      node: expect.stringMatching(/^(plan|act|evaluate|human_check)$/),
    })
    const nodes = events.flatMap(event => (event.kind === 'step_start' ? [event.payload.node] : []))
    expect(new Set(nodes)).toEqual(new Set(['plan', 'act', 'evaluate', 'human_check']))
    expect(first('tool_call')).toMatchObject({ tool: 'file_write', args: { path: 'notes.txt' } })
    expect(first('tool_result')).toMatchObject({
      tool: 'file_write',
      output: expect.any(String),
      exit_code: 0,
    })
    expect(first('llm_usage')).toMatchObject({
      input_tokens: expect.any(Number),
      output_tokens: expect.any(Number),
    })
    expect(first('goal_check')).toMatchObject({ achieved: false, reason: expect.stringMatching(/./) })
    expect(first('human_check_required')).toMatchObject({ iteration: 1, summary: expect.stringMatching(/./) })
    expect(first('human_check_response')).toMatchObject({ decision: 'approve' })
    expect(first('iteration_complete')).toMatchObject({ iteration: 1, tokens: expect.any(Number) })
    expect(first('run_end')).toMatchObject({
      achieved: true,
      iterations: 2,
      total_tokens: expect.any(Number),
    })
    expect(events.at(-1)?.kind).toBe('run_end')
  })
})

it('only goal is required: directory, model, iterations and gate have their defaults', async () => {
  const answer = await client.request('POST', '/api/runs', { body: { goal: 'hello', check_command: 'true' } })
  expect(answer.status).toBe(201)
  const { run_id } = answer.json as { run_id: string }
  expect(await client.run(run_id)).toMatchObject({
    cwd: project.path,
    model_name: 'claude-sonnet-4-6',
    max_iterations: 20,
    hitl_enabled: false,
  })
})

it('resume takes abort too', async () => {
  const other = await makeProject(SHELL_PROJECT)
  const { run_id } = await client.start({ ...SHELL_GOAL, cwd: other.path, hitl_enabled: true })
  await client.until(run_id, 'waiting')
  const answer = await client.request('POST', `/api/runs/${run_id}/resume`, { body: { decision: 'abort' } })
  expect(answer.status).toBe(200)
  expect(await client.until(run_id, 'aborted')).toMatchObject({ final_state: { goal_achieved: false } })
  await other.remove()
})

it('an unknown run is a 404, on the WebSocket one frame and close code 4404', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000'
  expect(await client.request('GET', `/api/runs/${unknown}`)).toMatchObject({ status: 404 })
  const follower = followWs(server.url, unknown)
  expect(await follower.closed).toMatchObject({ code: 4404 })
  expect(follower.events).toEqual([])
  expect(follower.others).toEqual([{ error: `Run not found: ${unknown}` }])
})

it('an unexpected error is an event with message and traceback', async () => {
  const other = await makeProject(SHELL_PROJECT)
  const broken = await startMessagesServer({
    respond: () => {
      throw new Error('the provider refuses this')
    },
  })
  const second = await startServer({ env: { ANTHROPIC_BASE_URL: broken.url } })
  try {
    const { run_id } = await api(second.url).start({ ...SHELL_GOAL, cwd: other.path })
    const { events, closed } = followWs(second.url, run_id)
    await closed
    expect(events.find(event => event.kind === 'error')?.payload).toMatchObject({
      message: expect.stringMatching(/./),
      traceback: expect.any(String),
    })
    expect(events.at(-1)).toMatchObject({ kind: 'run_end', payload: { achieved: false } })
  } finally {
    await second.close()
    await broken.close()
    await other.remove()
  }
})
