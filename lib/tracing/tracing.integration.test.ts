// Traces of the built server, from a request to a collector on loopback.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type OtlpReceiver, startOtlpReceiver } from '#lib/testing/otlp-receiver'
import { openStage, type Stage } from '#lib/testing/stage'

const COLLECTOR_KEY = 'key-of-the-collector-7f3a9'

let stage: Stage
let receiver: OtlpReceiver
beforeAll(async () => {
  receiver = await startOtlpReceiver()
  stage = await openStage({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${COLLECTOR_KEY}`,
    },
  })
})
afterAll(async () => {
  await stage?.close()
  await receiver?.close()
})

it('a run is sent as one whole trace within that of whoever asked for it, and without what was said or printed', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShell)
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const { run_id: runId } = await stage.client.ok<{ run_id: string }>('POST', '/api/runs', {
    body: { ...SHELL_GOAL, cwd },
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  })
  await stage.client.until(runId, 'achieved')
  await stage.server.stop() // sends what is left
  const { spans } = receiver
  expect(new Set(spans.map(span => span.traceId))).toEqual(new Set([traceId]))
  const root = spans.find(({ name }) => name === 'invoke_agent retrai')
  expect(root).toMatchObject({
    service: 'retrai',
    parentSpanId: '00f067aa0ba902b7',
    attributes: { 'gen_ai.conversation.id': runId, 'retrai.status': 'achieved' },
  })
  const ids = new Set(spans.map(({ spanId }) => spanId))
  for (const { parentSpanId } of spans.filter(span => span !== root)) expect(ids).toContain(parentSpanId)
  const names = spans.map(({ name }) => name)
  expect(names).toContain('chat claude-sonnet-4-6')
  expect(names).toContain('execute_tool bash_exec')
  expect(names.filter(name => name === 'execute_tool goal_check')).toHaveLength(2)
  expect(receiver.texts.join('')).not.toContain('app.txt')
  expect(receiver.headers[0]).toMatchObject({ path: '/v1/traces', 'x-api-key': COLLECTOR_KEY })
  expect(stage.server.stderr()).not.toContain(COLLECTOR_KEY)
})
