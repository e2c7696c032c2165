import { expect, test } from 'vitest'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { answerEvent, checkEvent, endEvent, startEvent, usageEvent } from '#lib/testing/records'
import { waitFor } from '#lib/testing/wait-for'
import { boundedLabel } from './bounded-label.ts'
import { createMetrics } from './metrics.ts'

const AT = 1_800_000_000

function openMetrics() {
  const metrics = createMetrics({
    queue: () => ({ active: 2, waiting: 3 }),
    openGates: async () => 4,
    gateOpenedAt: async gateId => (gateId === 'g1' ? AT - 90 : null),
    sockets: () => 5,
    streams: () => 6,
    now: () => AT * 1000 + 20,
  })
  const observe = (...events: NewEvent[]) =>
    metrics.observe(
      events.map((event, at) => ({ ...event, run_id: 'secret-run-id', seq: at + 1, ts: AT }) as RunEvent),
      'pytest',
    )
  return { metrics, observe, text: () => metrics.text() }
}

const toolResult = (fields: Partial<Extract<NewEvent, { kind: 'tool_result' }>['payload']>): NewEvent => ({
  kind: 'tool_result',
  iteration: 1,
  payload: {
    call_id: 'c1',
    tool: 'bash_exec',
    output: '',
    exit_code: 0,
    status: 'ok',
    duration_ms: 1500,
    truncated: false,
    bytes: 0,
    ...fields,
  },
})

const complete: NewEvent = {
  kind: 'iteration_complete',
  iteration: 1,
  payload: {
    iteration: 1,
    tokens: 1,
    cost_usd: null,
    duration_ms: 1,
    tool_calls: 1,
    diff_stat: null,
    total_diff_stat: null,
    tree: null,
  },
}

test('what a run did is counted by what may be a label, and never by run', async () => {
  const { observe, text } = openMetrics()
  observe(startEvent(), checkEvent({ duration_ms: 2500 }, 0))
  observe(usageEvent({ model: 'm', cache_read_input_tokens: 7, cost_usd: 0.25, duration_ms: 3000 }))
  observe(usageEvent({ model: 'm', cost_usd: null }))
  observe(toolResult({}), toolResult({ status: 'error' }))
  observe(toolResult({ tool: 'made_up_by_the_model', unusable: true, status: 'error' }))
  observe(checkEvent({ achieved: false }), complete)
  observe(checkEvent({ achieved: true }), complete)
  observe(endEvent())
  const said = await text()
  for (const line of [
    'retrai_runs_total{status="achieved",goal="pytest"} 1',
    'retrai_iterations_total{outcome="not_achieved"} 1',
    'retrai_iterations_total{outcome="achieved"} 1',
    'retrai_tool_calls_total{tool="bash_exec",ok="true"} 1',
    'retrai_tool_calls_total{tool="bash_exec",ok="false"} 1',
    'retrai_tool_calls_total{tool="unusable",ok="false"} 1',
    'retrai_tool_duration_seconds_sum{tool="bash_exec"} 3',
    'retrai_llm_tokens_total{model="m",type="input"} 200',
    'retrai_llm_tokens_total{model="m",type="cache_read"} 7',
    'retrai_llm_cost_usd_total{model="m"} 0.25',
    'retrai_llm_duration_seconds_count{model="m"} 2',
    'retrai_goal_check_duration_seconds_count 3',
    'retrai_events_total{kind="tool_result"} 3',
    'retrai_events_total{kind="run_end"} 1',
    'retrai_event_fanout_seconds_count 12',
  ])
    expect(said.split('\n')).toContain(line)
  expect(said).not.toMatch(/secret-run-id|made_up_by_the_model/)
})

test('what is now is asked when somebody looks', async () => {
  const said = await openMetrics().text()
  for (const line of [
    'retrai_runs_active 2',
    'retrai_runs_queued 3',
    'retrai_gates_open 4',
    'retrai_sockets_connected 5',
    'retrai_sse_connected 6',
  ])
    expect(said.split('\n')).toContain(line)
  expect(said).toMatch(/^retrai_nodejs_eventloop_lag_seconds /m)
})

test('a gate is measured from its opening to its decision; one nobody knows is left out', async () => {
  const { observe, text } = openMetrics()
  observe(answerEvent('g1'), answerEvent('unknown'))
  await waitFor('it is counted', async () =>
    (await text()).split('\n').includes('retrai_gate_wait_seconds_sum 90'),
  )
  expect(await text()).toMatch(/^retrai_gate_wait_seconds_count 1$/m)
})

test('requests are measured by the endpoint they are for', async () => {
  const { metrics, text } = openMetrics()
  metrics.http('GET /api/runs/{run_id}', 200, 0.02)
  expect(await text()).toContain(
    'retrai_http_request_duration_seconds_count{route="GET /api/runs/{run_id}",status="200"} 1',
  )
})

test('a label takes a hundred values and calls the rest other', () => {
  const label = boundedLabel()
  const given = Array.from({ length: 150 }, (_, at) => label(`model-${at}`))
  expect(new Set(given).size).toBe(101)
  expect(given.at(-1)).toBe('other')
  expect(label('model-3')).toBe('model-3')
})
