import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { startOtlpReceiver } from '#lib/testing/otlp-receiver'
import { checkEvent, endEvent, newRecord, startEvent, usageEvent } from '#lib/testing/records'
import { openTracing } from './open-tracing.ts'
import { spanOf } from './run-spans.ts'

const CREATED = 1_800_000_000_000
const record = newRecord({ createdAt: CREATED, modelName: 'ollama/qwen3', goal: 'a secret goal' })

const toolResult: NewEvent = {
  kind: 'tool_result',
  iteration: 1,
  payload: {
    call_id: 'call-1',
    tool: 'bash_exec',
    output: 'printed by a command',
    exit_code: 1,
    status: 'error',
    duration_ms: 1500,
    truncated: false,
    bytes: 20,
  },
}
const complete: NewEvent = {
  kind: 'iteration_complete',
  iteration: 1,
  payload: {
    iteration: 1,
    tokens: 1,
    cost_usd: null,
    duration_ms: 9000,
    tool_calls: 1,
    diff_stat: null,
    total_diff_stat: null,
    tree: null,
  },
}
const story = (...events: NewEvent[]) =>
  events.map(
    (event, at) => ({ ...event, run_id: record.id, seq: at + 1, ts: CREATED / 1000 + 10 + at }) as RunEvent,
  )

const EVENTS = story(
  startEvent(),
  usageEvent({ model: 'qwen3', cache_read_input_tokens: 50, duration_ms: 3000 }),
  toolResult,
  checkEvent({ achieved: false, output: 'printed by the check' }),
  complete,
  endEvent({ status: 'exhausted', achieved: false, outcome: 'iterations' }),
)

async function open(status = 200) {
  const receiver = await startOtlpReceiver(status)
  onTestFinished(() => receiver.close())
  const logged: unknown[] = []
  const tracing = await openTracing({
    url: `${receiver.url}/v1/traces`,
    serviceName: 'my-retrai',
    version: '1.2.3',
    log: (_level, message, data) => logged.push([message, data]),
  })
  return { receiver, tracing, logged }
}

test('a run arrives at a collector as one trace: the run, its iterations, its model calls, tools and checks', async () => {
  const { receiver, tracing, logged } = await open()
  tracing.observe(EVENTS, record)
  await tracing.close()
  expect(logged).toEqual([])
  const { spans } = receiver
  const [run] = spans.filter(({ parentSpanId }) => parentSpanId === null)
  const named = (name: string) => spans.find(span => span.name === name)
  expect(spans.map(({ name }) => name).sort()).toEqual([
    'chat qwen3',
    'execute_tool bash_exec',
    'execute_tool goal_check',
    'invoke_agent retrai',
    'iteration 1',
  ])
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([record.id.replaceAll('-', '')]))
  expect(run).toMatchObject({
    name: 'invoke_agent retrai',
    service: 'my-retrai',
    durationMs: 15_000,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.conversation.id': record.id,
      'gen_ai.provider.name': 'ollama',
      'retrai.outcome': 'iterations',
    },
  })
  const iteration = named('iteration 1')
  expect(iteration).toMatchObject({ parentSpanId: run?.spanId, durationMs: 9000 })
  expect(named('chat qwen3')).toMatchObject({
    parentSpanId: iteration?.spanId,
    durationMs: 3000,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'qwen3',
      'gen_ai.usage.input_tokens': 150,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 50,
    },
  })
  expect(named('execute_tool bash_exec')).toMatchObject({
    parentSpanId: iteration?.spanId,
    isError: true,
    attributes: { 'gen_ai.tool.name': 'bash_exec', 'gen_ai.tool.call.id': 'call-1', 'error.type': 'error' },
  })
  expect(named('execute_tool goal_check')?.attributes).toMatchObject({ 'retrai.goal.achieved': false })
  expect(receiver.texts.join('')).not.toMatch(/printed by|a secret goal/)
})

test('a run that is taken up by another process stays one trace, because nothing is remembered', async () => {
  const { receiver, tracing } = await open()
  tracing.observe(EVENTS.slice(0, 3), record)
  await tracing.close()
  const after = await openTracing({
    url: `${receiver.url}/v1/traces`,
    serviceName: 'my-retrai',
    version: '1.2.3',
    log: () => {},
  })
  after.observe(EVENTS.slice(3), record)
  await after.close()
  const { spans } = receiver
  const ids = new Set(spans.map(({ spanId }) => spanId))
  expect(ids.size).toBe(5)
  for (const { parentSpanId } of spans) if (parentSpanId !== null) expect(ids).toContain(parentSpanId)
})

test('a run that was started within a trace belongs to it', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const within = newRecord({ request: { ...record.request, traceparent } })
  const [end] = EVENTS.slice(-1)
  expect(spanOf(end!, within)).toMatchObject({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentId: '00f067aa0ba902b7',
  })
})

test('a collector that refuses is said once, and disturbs nothing', async () => {
  const { tracing, logged } = await open(400)
  tracing.observe(EVENTS, record)
  tracing.observe(EVENTS, record)
  await tracing.close()
  expect(logged).toHaveLength(1)
  expect(logged[0]).toMatchObject(['traces could not be sent', { error: expect.any(String) }])
})

test('the packages of OpenTelemetry are only loaded where traces are sent', () => {
  const source = readFileSync(new URL('./open-tracing.ts', import.meta.url), 'utf8')
  expect(source).toMatch(/import\('@opentelemetry\/sdk-trace-node'\)/)
  expect(source).not.toMatch(/^import (?!type)[^\n]*@opentelemetry/m)
})
