// What a run's events are as spans, by the conventions of OpenTelemetry for generative AI. Each span follows from one event, and
// ids follow from the run: nothing is remembered, so a trace is whole also when the server was restarted in the middle of a run.
// What the model was told or said, and what commands printed, is in none.
import { createHash } from 'node:crypto'
import type { RunEvent } from '#lib/contract/event'
import type { RunRecord } from '#lib/store/types'

type Value = string | number | boolean

export interface RunSpan {
  traceId: string
  spanId: string
  /** null: the run itself, which nobody began from outside. */
  parentId: string | null
  name: string
  kind: 'internal' | 'client'
  startMs: number
  endMs: number
  attributes: Record<string, Value>
  /** Why it failed; null when it did not. */
  error: string | null
}

/** The span an event completes; null for those that complete none. */
export function spanOf(event: RunEvent, record: RunRecord): RunSpan | null {
  const { traceId, parentId } = traceOf(record)
  const runSpan = idOf(record.id)
  const iterationSpan = event.iteration > 0 ? idOf(record.id, `iteration ${event.iteration}`) : runSpan
  const endMs = event.ts * 1000
  const common = { 'gen_ai.conversation.id': record.id, 'retrai.iteration': event.iteration }
  const step = (durationMs: number) => ({
    traceId,
    spanId: idOf(record.id, `event ${event.seq}`),
    parentId: iterationSpan,
    startMs: endMs - durationMs,
    endMs,
    error: null,
  })
  switch (event.kind) {
    case 'llm_usage': {
      const { payload } = event
      const { cache_read_input_tokens: read, cache_creation_input_tokens: written } = payload
      return {
        ...step(payload.duration_ms),
        name: `chat ${payload.model}`,
        kind: 'client',
        attributes: {
          ...common,
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': providerOf(record.modelName),
          'gen_ai.request.model': payload.model,
          'gen_ai.usage.input_tokens': payload.input_tokens + read + written,
          'gen_ai.usage.output_tokens': payload.output_tokens,
          'gen_ai.usage.cache_read.input_tokens': read,
          'gen_ai.usage.cache_creation.input_tokens': written,
          'retrai.purpose': payload.purpose ?? 'agent',
          'retrai.attempts': payload.attempts,
          ...(payload.cost_usd !== null && { 'retrai.cost_usd': payload.cost_usd }),
        },
      }
    }
    case 'tool_result': {
      const { tool, call_id, status, exit_code, duration_ms } = event.payload
      return {
        ...step(duration_ms),
        name: `execute_tool ${tool}`,
        kind: 'internal',
        attributes: {
          ...common,
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': tool,
          'gen_ai.tool.call.id': call_id,
          ...(exit_code !== null && { 'retrai.exit_code': exit_code }),
        },
        error: status === 'ok' ? null : status,
      }
    }
    case 'goal_check': {
      const { achieved, baseline, broken, tests, duration_ms } = event.payload
      return {
        ...step(duration_ms),
        name: 'execute_tool goal_check',
        kind: 'internal',
        attributes: {
          ...common,
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'goal_check',
          'retrai.goal.achieved': achieved,
          'retrai.goal.baseline': baseline,
          ...(tests && { 'retrai.goal.failing': tests.failed, 'retrai.goal.total': tests.total }),
        },
        error: broken ? 'check_broken' : null,
      }
    }
    case 'iteration_complete':
      return {
        ...step(event.payload.duration_ms),
        spanId: iterationSpan,
        parentId: runSpan,
        name: `iteration ${event.payload.iteration}`,
        kind: 'internal',
        attributes: { ...common, 'retrai.tool_calls': event.payload.tool_calls },
      }
    case 'run_end': {
      const { status, outcome, iterations, total_tokens, estimated_cost_usd } = event.payload
      return {
        traceId,
        spanId: runSpan,
        parentId,
        name: 'invoke_agent retrai',
        kind: 'internal',
        startMs: record.createdAt,
        endMs,
        attributes: {
          'gen_ai.conversation.id': record.id,
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.name': 'retrai',
          'gen_ai.provider.name': providerOf(record.modelName),
          'gen_ai.request.model': record.modelName,
          'retrai.goal': record.request.goalName,
          'retrai.status': status,
          'retrai.outcome': outcome,
          'retrai.iterations': iterations,
          'retrai.total_tokens': total_tokens,
          ...(estimated_cost_usd !== null && { 'retrai.cost_usd': estimated_cost_usd }),
        },
        error: status === 'failed' ? outcome : null,
      }
    }
    default:
      return null
  }
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

/** A run that was started within a trace belongs to it; any other has one of its own, named after it. */
export function traceOf({ id, request }: Pick<RunRecord, 'id' | 'request'>) {
  const [, traceId, parentId] = TRACEPARENT.exec(request.traceparent ?? '') ?? []
  if (traceId && parentId) return { traceId, parentId }
  return { traceId: id.replaceAll('-', ''), parentId: null }
}

const idOf = (runId: string, part = '') =>
  createHash('sha256').update(`${runId} ${part}`).digest('hex').slice(0, 16)

/** `ollama/qwen3` is Ollama's; a plain name is Anthropic's. */
function providerOf(modelName: string): string {
  const at = modelName.indexOf('/')
  return at < 0 ? 'anthropic' : modelName.slice(0, at)
}
