// The iterations of a run, each in one row of facts, from its journal.

import { addCost } from '#lib/contract/add-cost'
import type { RunEvent } from '#lib/contract/event'
import { isShaped } from '#lib/contract/event-shape'
import type { Iteration } from '#lib/contract/run-history'
import type { Store } from '#lib/store/types'
import { isoTime } from './summary.ts'

/** The kinds that this needs; the rest of a journal need not be read. */
const KINDS = ['step_start', 'llm_usage', 'tool_call', 'goal_check', 'iteration_complete', 'iteration_undone']
/** Events read at once: others are served in between. */
const PAGE = 2000
/** Runs whose rows are remembered; those that were asked for last. */
const REMEMBERED = 50

interface Fold {
  /** Of the newest event that is in it. */
  seq: number
  rows: Map<number, Iteration>
  /** Resolves when what is being read is in it. */
  ready: Promise<void>
}

/** A journal is read once: later calls read what was appended since. */
export function createIterations(store: Pick<Store, 'readEvents'>): (runId: string) => Promise<Iteration[]> {
  const folds = new Map<string, Fold>()

  async function readOn(runId: string, fold: Fold) {
    for (;;) {
      const events = await store.readEvents(runId, { kinds: KINDS, after: fold.seq, limit: PAGE })
      // What another version wrote in another shape says nothing here.
      for (const event of events) if (isShaped(event)) take(fold.rows, event)
      fold.seq = events.at(-1)?.seq ?? fold.seq
      if (events.length < PAGE) return
    }
  }

  return async runId => {
    const fold = folds.get(runId) ?? { seq: 0, rows: new Map<number, Iteration>(), ready: Promise.resolve() }
    folds.delete(runId)
    folds.set(runId, fold)
    const oldest = folds.keys().next().value
    if (folds.size > REMEMBERED && oldest !== undefined) folds.delete(oldest)
    // One after the other: what two read at once would be counted twice.
    fold.ready = fold.ready.then(() => readOn(runId, fold))
    try {
      await fold.ready
    } catch (error) {
      if (folds.get(runId) === fold) folds.delete(runId)
      throw error
    }
    return [...fold.rows.values()].map(row => ({ ...row }))
  }
}

function take(rows: Map<number, Iteration>, event: RunEvent) {
  if (event.iteration === 0) return
  let row = rows.get(event.iteration)
  if (!row) {
    row = begin(event)
    rows.set(event.iteration, row)
  }
  row.last_seq = event.seq
  count(row, event)
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

function count(row: Iteration, event: RunEvent) {
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
