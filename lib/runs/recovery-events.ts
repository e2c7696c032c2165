// What a restarted server writes into the journal of a run that it takes up, or gives up.
import { interruptedResult } from '#lib/agent/act'
import type { NewEvent } from '#lib/contract/event'
import type { RunRecord } from '#lib/store/types'

/** The call may have run, partly or fully: that is told to the model, and it is never run again blindly. */
export const interruptedEvent = (call: { call_id: string; tool: string }, iteration: number): NewEvent =>
  interruptedResult({ id: call.call_id, name: call.tool }, iteration)

/** From the row alone: to fold the journal may be what brings the server down. */
export function crashLoopEvents(record: RunRecord, deaths: number): NewEvent[] {
  const { iteration } = record
  const reason = `The server died ${deaths} times in a row while it worked on this run, which got no further; start it again once the cause is known`
  return [
    { kind: 'error', iteration, payload: { message: reason, traceback: '', code: 'crash_loop' } },
    {
      kind: 'run_end',
      iteration,
      payload: {
        achieved: false,
        iterations: iteration,
        total_tokens: record.totalTokens,
        status: 'failed',
        outcome: 'crash_loop',
        reason,
        estimated_cost_usd: record.costUsd,
        duration_ms: Math.max(0, record.updatedAt - record.createdAt),
      },
    },
  ]
}
