// Asks the model once. What it answered is stored before anything is done about it.
import type { NewEvent } from '#lib/contract/event'
import { crashPoint } from '#lib/crash-point'
import { isModelError, type ModelResponse, type ToolSpec } from '#lib/models/model'
import type { Tool } from '#lib/tools/tool'
import { toolSpec } from '#lib/tools/tool-spec'
import type { AgentDeps } from './deps.ts'
import { SYSTEM_PROMPT } from './prompt.ts'
import { stepStart } from './step.ts'
import { withUniqueIds } from './unique-calls.ts'

/** Part of the context window at which old tool output is left out. */
const COMPACT_AT = 0.8
/** Messages at the end of the conversation that stay whole. */
const KEEP_RECENT = 10
const ASSUMED_WINDOW = 200_000

export async function plan(deps: AgentDeps, iteration: number): Promise<void> {
  const { state } = deps
  await deps.emit([stepStart(deps, 'plan', iteration)])

  const model = deps.model()
  const isFull = state.contextTokens > COMPACT_AT * (model.contextWindow ?? ASSUMED_WINDOW)
  if (isFull) await compact(deps, iteration)

  crashPoint('before-model')
  let response: ModelResponse
  try {
    response = await ask(deps, iteration)
  } catch (error) {
    if (!isTooLong(error) || !(await compact(deps, iteration))) throw error
    response = await ask(deps, iteration)
  }
  crashPoint('after-model')
  await deps.emit(answerEvents(withUniqueIds(response, state.messages), iteration))
  crashPoint('after-model-answer')
}

function ask(deps: AgentDeps, iteration: number): Promise<ModelResponse> {
  return deps.model().complete({
    system: SYSTEM_PROMPT,
    tools: specs(deps.tools),
    messages: deps.state.messages,
    // An answer that was not stored is asked for again: nothing is lost by not waiting for it.
    signal: deps.draining,
    onText: text => deps.publish({ kind: 'text_delta', iteration, payload: { text } }),
    onDiscard: () => deps.publish({ kind: 'text_discarded', iteration, payload: {} }),
    onRetry: retry =>
      deps.emit([
        {
          kind: 'model_retry',
          iteration,
          payload: {
            attempt: retry.attempt,
            reason: retry.reason,
            status: retry.status,
            wait_ms: Math.round(retry.waitMs),
          },
        },
      ]),
  })
}

const specs = (tools: Tool[]): ToolSpec[] => tools.map(toolSpec)

/** Returns false when there is nothing left to shorten. */
async function compact({ state, emit }: AgentDeps, iteration: number): Promise<boolean> {
  const before = state.messages.length - KEEP_RECENT
  if (before <= 1) return false
  await emit([{ kind: 'compacted', iteration, payload: { before, context_tokens: state.contextTokens } }])
  state.contextTokens = 0
  return true
}

function isTooLong(error: unknown): boolean {
  if (!isModelError(error) || error.failure !== 'rejected') return false
  return error.status === 413 || /too long|context (window|length)|maximum context/i.test(error.message)
}

function answerEvents(response: ModelResponse, iteration: number): NewEvent[] {
  const text = response.content
    .flatMap(block => (block.type === 'text' ? [block.text] : []))
    .join('\n\n')
    .trim()
  const hasMalformed = Object.keys(response.malformedArgs).length > 0
  return [
    {
      kind: 'model_response',
      iteration,
      payload: {
        content: response.content as unknown as Record<string, unknown>[], // JSON either way
        stop_reason: response.stopReason,
        model: response.model,
        ...(hasMalformed ? { malformed_args: response.malformedArgs } : {}),
      },
    },
    ...(text === '' ? [] : [{ kind: 'reasoning' as const, iteration, payload: { text } }]),
    {
      kind: 'llm_usage',
      iteration,
      payload: {
        ...response.usage,
        cost_usd: response.costUsd,
        model: response.model,
        duration_ms: Math.round(response.durationMs),
        stop_reason: response.stopReason,
        attempts: response.attempts,
      },
    },
  ]
}
