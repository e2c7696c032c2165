// What the first HTML of a run page holds: its head, its iterations, and a window of its journal.
import type { EventOf, RunEvent } from '#lib/contract/event'
import { fromWholeStep } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { isAppError } from '#lib/errors'
import { type Runtime, runtime } from '#lib/runtime'
import type { RunEventsSeed } from '../../_hooks/run-events.ts'
import { leaveOut } from './left-out.ts'

const WINDOW = 200
/** JSON of the window; beyond it the oldest events are left to be fetched, so that the first paint stays fast. */
const WINDOW_CHARS = 300_000

/** null for an unknown run. `seq`: an event that must be in the window. */
export async function readRun(runId: string, seq: number | null): Promise<RunEventsSeed | null> {
  const { runs } = runtime()
  let run: Run
  try {
    run = await runs.get(runId)
  } catch (error) {
    if (isAppError(error) && error.code === 'run_not_found') return null
    throw error
  }
  const [iterations, events, gate] = await Promise.all([
    runs.iterations(runId),
    windowOf(runs, run, seq),
    run.gate ? gateOf(runs, run, run.gate.gate_id) : null,
  ])
  return { run, iterations, events: [...fromWholeStep(events, seq ?? undefined)], gate }
}

async function windowOf(runs: Runtime['runs'], run: Run, seq: number | null): Promise<RunEvent[]> {
  if (seq !== null && seq >= 1 && seq <= run.last_seq - WINDOW / 2) {
    const events = await runs.events(run.run_id, { after: Math.max(0, seq - WINDOW / 2), limit: WINDOW })
    return events.map(lighten)
  }
  const newest = (await runs.events(run.run_id, { before: run.last_seq + 1, limit: WINDOW })).map(lighten)
  const wanted = seq ?? Number.POSITIVE_INFINITY
  let from = newest.length
  let chars = 0
  while (from > 0 && (chars < WINDOW_CHARS || (newest[from]?.seq ?? 0) > wanted)) {
    from -= 1
    chars += JSON.stringify(newest[from]).length
  }
  return newest.slice(from)
}

async function gateOf(runs: Runtime['runs'], run: Run, gateId: string) {
  const gates = await runs.events(run.run_id, {
    kind: 'human_check_required',
    before: run.last_seq + 1,
    limit: 10,
  })
  const isIt = (event: RunEvent): event is EventOf<'human_check_required'> =>
    event.kind === 'human_check_required' && event.payload.gate_id === gateId
  return gates.find(isIt) ?? null
}

/** The model's raw answer is what a restarted server needs, not the page; very long strings are cut. */
function lighten(event: RunEvent): RunEvent {
  if (event.kind === 'model_response') return { ...event, payload: { ...event.payload, content: [] } }
  // Only strings get shorter, so the type holds.
  return { ...event, payload: cutStrings(event.payload) } as RunEvent
}

function cutStrings(value: unknown): unknown {
  if (typeof value === 'string') return leaveOut(value)
  if (Array.isArray(value)) return value.map(cutStrings)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, cutStrings(child)]))
}
