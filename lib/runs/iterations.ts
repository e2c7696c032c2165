// The iterations of a run, each in one row of facts, from its journal.

import { addCost } from '#lib/contract/add-cost'
import type { RunEvent } from '#lib/contract/event'
import type { Iteration } from '#lib/contract/run-history'
import { isoTime } from './summary.ts'

/** The kinds that this needs; the rest of a journal need not be read. */
export const ITERATION_KINDS = [
  'step_start',
  'llm_usage',
  'tool_call',
  'goal_check',
  'iteration_complete',
  'iteration_undone',
]

export function iterationsOf(events: RunEvent[]): Iteration[] {
  const rows = new Map<number, Iteration>()
  for (const event of events) {
    if (event.iteration === 0) continue
    let row = rows.get(event.iteration)
    if (!row) {
      row = begin(event)
      rows.set(event.iteration, row)
    }
    row.last_seq = event.seq
    take(row, event)
  }
  return [...rows.values()]
}

const begin = (event: RunEvent): Iteration => ({
  iteration: event.iteration,
  started_at: isoTime(event.ts * 1000),
  ended_at: null,
  tokens: 0,
  cost_usd: 0,
  tool_calls: 0,
  achieved: null,
  reason: null,
  tests: null,
  progress: null,
  measurement: null,
  flags: [],
  diff_stat: null,
  first_seq: event.seq,
  last_seq: event.seq,
})

function take(row: Iteration, event: RunEvent) {
  switch (event.kind) {
    case 'llm_usage': {
      const usage = event.payload
      row.tokens +=
        usage.input_tokens +
        usage.output_tokens +
        usage.cache_read_input_tokens +
        usage.cache_creation_input_tokens
      row.cost_usd = addCost(row.cost_usd, usage.cost_usd)
      return
    }
    case 'tool_call':
      row.tool_calls += 1
      return
    case 'goal_check':
      row.achieved = event.payload.achieved
      row.reason = event.payload.reason
      row.tests = event.payload.tests
      row.flags = event.payload.flags
      row.measurement = event.payload.measurement ?? null
      return
    case 'iteration_complete':
      row.ended_at = isoTime(event.ts * 1000)
      row.diff_stat = event.payload.diff_stat
      row.progress = event.payload.progress ?? null
      return
    case 'iteration_undone':
      row.undone = true
      return
  }
}
