// The ways a run can end, and the event that says so.
import type { NewEvent } from '#lib/contract/event'
import type { Outcome } from '#lib/contract/events/shared'
import type { FinalStatus } from '#lib/contract/runs'
import type { RunState } from './state.ts'

const STATUS: Record<Outcome, FinalStatus> = {
  achieved: 'achieved',
  already_green: 'achieved',
  iterations: 'exhausted',
  cost: 'exhausted',
  tokens: 'exhausted',
  time: 'exhausted',
  no_progress: 'exhausted',
  check_broken: 'failed',
  model_error: 'failed',
  model_protocol: 'failed',
  internal_error: 'failed',
  crash_loop: 'failed',
  aborted: 'aborted',
}

/** `run_end`, after a result for every tool call that had none: nothing is left open in the journal. */
export function endingEvents(
  state: RunState,
  outcome: Outcome,
  reason: string,
  activeMs: number,
): NewEvent[] {
  const { iteration } = state
  const unanswered = state.calls
    .filter(call => call.started)
    .map(
      (call): NewEvent => ({
        kind: 'tool_result',
        iteration,
        payload: {
          call_id: call.id,
          tool: call.name,
          output: 'The run ended while this ran.',
          exit_code: null,
          status: 'interrupted',
          duration_ms: 0,
          truncated: false,
          bytes: 0,
        },
      }),
    )
  const status = STATUS[outcome]
  return [
    ...unanswered,
    {
      kind: 'run_end',
      iteration,
      payload: {
        achieved: status === 'achieved',
        iterations: iteration,
        total_tokens: state.totalTokens,
        status,
        outcome,
        reason,
        estimated_cost_usd: state.costUsd,
        duration_ms: Math.round(activeMs),
      },
    },
  ]
}
