// What a goal that is judged by a model may look at, and how it asks: apart from the agent's conversation, on the run's bill.
import type { NewEvent } from '#lib/contract/event'
import type { Question, Work } from '#lib/goals/goal'
import type { Model } from '#lib/models/model'
import type { Workspace } from '#lib/workspace/workspace'
import type { RunState } from './state.ts'

interface WorkParts {
  state: RunState
  workspace: Workspace
  model(): Model
  emit(events: NewEvent[]): Promise<void>
  signal: AbortSignal
}

export function workOf({ state, workspace, model, emit, signal }: WorkParts): Work {
  async function ask({ system, text, purpose }: Question): Promise<string> {
    const { iteration } = state
    const answer = await model().complete({
      system,
      tools: [],
      aside: { purpose, iteration },
      messages: [{ role: 'user', content: [{ type: 'text', text }] }],
      signal,
      onRetry: ({ attempt, reason, status, waitMs }) =>
        emit([
          {
            kind: 'model_retry',
            iteration,
            payload: { attempt, reason, status, wait_ms: Math.round(waitMs) },
          },
        ]),
    })
    await emit([
      {
        kind: 'llm_usage',
        iteration,
        payload: {
          ...answer.usage,
          cost_usd: answer.costUsd,
          model: answer.model,
          duration_ms: Math.round(answer.durationMs),
          stop_reason: answer.stopReason,
          attempts: answer.attempts,
          purpose,
        },
      },
    ])
    return answer.content.map(block => (block.type === 'text' ? block.text : '')).join('')
  }

  return {
    outputs: state.outputs,
    async diff() {
      const now = state.base && (await workspace.snapshot(signal))
      return state.base && now ? (await workspace.diff(state.base, now, { signal })).patch : null
    },
    ask,
  }
}
