// What /metrics says, for Prometheus: counted from the events as they are stored, and asked of the parts when somebody looks.
// No run id is ever a label: one series per run would fill whatever collects them.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RunEvent } from '#lib/contract/event'
import { boundedLabel } from './bounded-label.ts'

const PREFIX = 'retrai_'
const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1]
const REQUESTS = [0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60]
const CALLS = [0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600]
const PEOPLE = [10, 60, 300, 1800, 7200, 43_200, 259_200]

export interface MetricsParts {
  queue(): { active: number; waiting: number }
  openGates(): Promise<number>
  /** When a gate was opened, in seconds since the epoch; null when nobody knows. */
  gateOpenedAt(gateId: string): Promise<number | null>
  sockets(): number
  streams(): number
  now?: () => number
}

export interface Metrics {
  contentType: string
  /** Never throws. Call with the events of a run as they were stored, and the name of its goal. */
  observe(events: RunEvent[], goal: string): void
  http(route: string, status: number, seconds: number): void
  text(): Promise<string>
}

export function createMetrics(parts: MetricsParts): Metrics {
  const { now = Date.now } = parts
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: PREFIX + name, help, buckets, labelNames, registers })
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      async collect() {
        this.set(await read())
      },
    })

  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  gauge('runs_active', 'Runs at work', () => parts.queue().active)
  gauge('runs_queued', 'Runs that wait for a slot', () => parts.queue().waiting)
  gauge('gates_open', 'Runs that wait for a person', parts.openGates)
  gauge('sockets_connected', 'WebSocket and socket.io connections', parts.sockets)
  gauge('sse_connected', 'Server-sent event streams', parts.streams)
  const runs = counter('runs_total', 'Runs that have ended', 'status', 'goal')
  const iterations = counter('iterations_total', 'Iterations, by what their check said', 'outcome')
  const gateWait = histogram('gate_wait_seconds', 'How long people took to decide', PEOPLE)
  const toolCalls = counter('tool_calls_total', 'Tool calls', 'tool', 'ok')
  const toolTime = histogram('tool_duration_seconds', 'How long tools took', CALLS, 'tool')
  const tokens = counter('llm_tokens_total', 'Tokens of model calls', 'model', 'type')
  const cost = counter('llm_cost_usd_total', 'Estimated cost, where the price is known', 'model')
  const llmTime = histogram('llm_duration_seconds', 'How long model calls took', CALLS, 'model')
  const checkTime = histogram('goal_check_duration_seconds', 'How long checks took', CALLS)
  const seen = counter('events_total', 'Events stored', 'kind')
  const fanout = histogram('event_fanout_seconds', 'From an event to its followers, stored between', FAST)
  const requests = histogram(
    'http_request_duration_seconds',
    'How long requests took, without streams',
    REQUESTS,
    'route',
    'status',
  )
  const modelLabel = boundedLabel()
  const goalLabel = boundedLabel()

  async function gateDecided(gateId: string, at: number) {
    const opened = await parts.gateOpenedAt(gateId).catch(() => null)
    if (opened !== null) gateWait.observe(Math.max(0, at - opened))
  }

  function observeOne(event: RunEvent, goal: string) {
    seen.inc({ kind: event.kind })
    fanout.observe(Math.max(0, now() / 1000 - event.ts))
    switch (event.kind) {
      case 'tool_result': {
        const { tool, status, duration_ms, unusable } = event.payload
        const name = unusable ? 'unusable' : tool // what a model made up is no label
        toolCalls.inc({ tool: name, ok: String(status === 'ok') })
        toolTime.observe({ tool: name }, duration_ms / 1000)
        return
      }
      case 'llm_usage': {
        const { payload } = event
        const model = modelLabel(payload.model)
        tokens.inc({ model, type: 'input' }, payload.input_tokens)
        tokens.inc({ model, type: 'output' }, payload.output_tokens)
        tokens.inc({ model, type: 'cache_read' }, payload.cache_read_input_tokens)
        tokens.inc({ model, type: 'cache_creation' }, payload.cache_creation_input_tokens)
        if (payload.cost_usd !== null) cost.inc({ model }, payload.cost_usd)
        llmTime.observe({ model }, payload.duration_ms / 1000)
        return
      }
      case 'goal_check': {
        checkTime.observe(event.payload.duration_ms / 1000)
        return
      }
      case 'human_check_response':
        void gateDecided(event.payload.gate_id, event.ts)
        return
      case 'run_end':
        runs.inc({ status: event.payload.status, goal: goalLabel(goal) })
    }
  }

  return {
    contentType: registry.contentType,
    observe(events, goal) {
      for (const event of events) observeOne(event, goal)
      // An iteration is complete together with its check.
      if (!events.some(({ kind }) => kind === 'iteration_complete')) return
      const check = events.findLast(event => event.kind === 'goal_check')?.payload
      const met = check?.achieved ? 'achieved' : 'not_achieved'
      iterations.inc({ outcome: check?.broken ? 'broken' : met })
    },
    http(route, status, seconds) {
      requests.observe({ route, status: String(status) }, seconds)
    },
    text: () => registry.metrics(),
  }
}
