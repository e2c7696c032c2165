// Pure: fold of events into what the run page shows, for server and browser. Nothing is imported that needs Zod, so that
// stays out of the bundle. Appending costs the same however long the history is.
import type { EventOf, RunEvent } from './event.ts'
import { isShaped } from './event-shape.ts'
import type {
  DiffStat,
  Flag,
  Progress as IterationProgress,
  Measurement,
  Node,
  TestCounts,
} from './events/shared.ts'
import { type GateRequest, gatePolicyAfter, skippedAfterChange, skippedAfterDecision } from './gate-policy.ts'
import type { Iteration } from './run-history.ts'
import type { Run } from './runs.ts'

interface RowBase {
  /** Stable for the life of a run. */
  key: string
  /** Of the first event in the row. */
  seq: number
  iteration: number
}

export interface IterationRow extends RowBase {
  type: 'iteration'
}
/** `open`: still going on. `interrupted`: something else happened before it could finish. */
type Progress = 'open' | 'done' | 'interrupted'

/** One model call: the words, and the bill. */
export interface ThinkRow extends RowBase {
  type: 'think'
  state: Progress
  startedAt: number
  reasoning: EventOf<'reasoning'> | null
  usage: EventOf<'llm_usage'> | null
}
/** A tool call and its result, whichever of the two is known. */
export interface ToolRow extends RowBase {
  type: 'tool'
  state: Progress
  call: EventOf<'tool_call'> | null
  result: EventOf<'tool_result'> | null
}
export interface CheckRow extends RowBase {
  type: 'check'
  state: Progress
  startedAt: number
  check: EventOf<'goal_check'> | null
  /** Failing at the check before; null when that is not known. */
  failingBefore: number | null
}
export interface GateRow extends RowBase {
  type: 'gate'
  required: EventOf<'human_check_required'> | null
  response: EventOf<'human_check_response'> | null
}
/** Any other event in a row of its own, kinds of newer servers included. */
export interface EventRow extends RowBase {
  type: 'event'
  event: RunEvent
  /** Of a note: the step with which the agent was told of it; null as long as it was not. */
  readSeq?: number | null
}
/** A person's message, and whether the agent has it. */
export interface NoteState {
  event: EventOf<'note'>
  readSeq: number | null
  /** The iteration it was read in. */
  readIn: number | null
}
/** A row is never changed: it is replaced by one that knows more. */
export type Row = IterationRow | ThinkRow | ToolRow | CheckRow | GateRow | EventRow

export interface IterationFacts {
  iteration: number
  /** Seconds since the epoch. */
  startedAt: number
  endedAt: number | null
  tokens: number
  /** null when a price is not known. */
  costUsd: number | null
  toolCalls: number
  check: {
    achieved: boolean
    reason: string
    tests: TestCounts | null
    flags: Flag[]
    measurement: Measurement | null
  } | null
  /** What it did for the goal; null until it is over, and in journals of older servers. */
  progress: IterationProgress | null
  failingBefore: number | null
  diffStat: DiffStat | null
  /** A person had what it changed put back. */
  isUndone?: boolean
  firstSeq: number
  lastSeq: number
}

/** What the server knows already, so that a page can begin in the middle of a history. */
export interface RunViewSeed {
  /** As of its `last_seq`; events up to there do not change it again. */
  run: Run
  iterations?: Iteration[]
  /** The event that opened the gate that is open, wherever in the history it is. */
  gate?: EventOf<'human_check_required'> | null
}

export interface RunView {
  /** Changes whenever something to be seen has. */
  readonly version: number
  readonly events: readonly RunEvent[]
  /** Compact: related events in one row. The array stays the same; read it again when `version` changes. */
  readonly rows: readonly Row[]
  /** One row per event. */
  allRows(): readonly EventRow[]
  readonly iterations: readonly IterationFacts[]
  iteration(n: number): IterationFacts | undefined
  readonly run: Run | null
  readonly phase: { node: Node; since: number } | null
  readonly gate: EventOf<'human_check_required'> | null
  /** What the run has changed since its start, as of the last iteration that is loaded. */
  readonly totalDiff: DiffStat | null
  /** How the last gate was answered. */
  readonly lastDecision: EventOf<'human_check_response'> | null
  /** Messages to the agent, of those events that are loaded, oldest first. */
  readonly notes: readonly NoteState[]
  /** Seconds since the epoch of the newest event; 0 without any. */
  readonly lastEventAt: number
  /** Index in `rows` of the row that holds an event; -1 when it has none. */
  rowOfEvent(seq: number): number
  /** Events in order of seq; those already taken are skipped. */
  append(events: readonly RunEvent[]): void
}

/** Kinds that say nothing of their own in the compact view: they shape other rows. */
const SILENT = new Set<string>(['step_start', 'model_response', 'iteration_complete'])

export function createRunView(seed?: RunViewSeed): RunView {
  const events: RunEvent[] = []
  const rows: Row[] = []
  const all: EventRow[] = []
  /** Index in `rows` by index in `events`. */
  const rowOf: number[] = []
  const callRows = new Map<string, number>()
  const gateRows = new Map<string, number>()
  const notes: NoteState[] = []
  /** Rows of notes that no model call has carried yet. */
  let unread: number[] = []
  const iterations: IterationFacts[] = (seed?.iterations ?? []).map(toFacts)
  const byIteration = new Map(iterations.map(facts => [facts.iteration, facts]))
  let run = seed?.run ?? null
  const seededTo = seed?.run.last_seq ?? 0
  let gate = seed?.gate ?? null
  let totalDiff: DiffStat | null = gate?.payload.total_diff_stat ?? null
  let lastDecision: EventOf<'human_check_response'> | null = null
  let phase: { node: Node; since: number } | null = null
  let version = 0
  let headerOf = 0
  let openThink = -1
  let openCheck = -1
  /** Failing tests at the last check seen in the events. */
  let failing: number | null = null

  iterations.forEach((facts, i) => {
    facts.failingBefore = failingBefore(facts, iterations[i - 1], seed?.run)
  })

  function add(row: Row): number {
    rows.push(row)
    return rows.length - 1
  }

  /** Replaces a row by one that knows more. */
  function grow<T extends Row['type']>(index: number, type: T, more: Partial<Extract<Row, { type: T }>>) {
    const row = rows[index]
    // The index was kept for a row of this type.
    if (row?.type === type) rows[index] = { ...row, ...more } as Row
  }

  /** What was going on when something else began will not be finished any more. */
  function interrupt() {
    if (openThink !== -1) grow(openThink, 'think', { state: 'interrupted' })
    if (openCheck !== -1) grow(openCheck, 'check', { state: 'interrupted' })
    openThink = -1
    openCheck = -1
  }

  const base = (event: RunEvent): RowBase => ({
    key: String(event.seq),
    seq: event.seq,
    iteration: event.iteration,
  })

  function header(event: RunEvent) {
    if (event.iteration <= headerOf) return
    headerOf = event.iteration
    // The window begins in the middle of this iteration: its header stands before events that are not here.
    const isCut =
      events.length === 1 && event.seq > 1 && byIteration.get(event.iteration)?.firstSeq !== event.seq
    if (isCut) return
    add({ type: 'iteration', key: `i${event.iteration}`, seq: event.seq, iteration: event.iteration })
  }

  function think(event: RunEvent): number {
    if (openThink === -1) {
      const row: ThinkRow = {
        ...base(event),
        type: 'think',
        state: 'open',
        startedAt: event.ts,
        reasoning: null,
        usage: null,
      }
      openThink = add(row)
    }
    return openThink
  }

  /** What people wrote since the last question goes along with this one. */
  function readNotes(step: RunEvent) {
    for (const index of unread) grow(index, 'event', { readSeq: step.seq })
    for (let i = notes.length - unread.length; i < notes.length; i++)
      notes[i] = { ...notes[i]!, readSeq: step.seq, readIn: step.iteration }
    unread = []
  }

  /** The row that shows the event, -1 for none. */
  function place(event: RunEvent): number {
    switch (event.kind) {
      case 'step_start':
        if (event.payload.node === 'plan') {
          interrupt()
          readNotes(event)
          return think(event)
        }
        if (event.payload.node === 'evaluate') {
          interrupt()
          openCheck = add({
            ...base(event),
            type: 'check',
            state: 'open',
            startedAt: event.ts,
            check: null,
            failingBefore: failing,
          })
          return openCheck
        }
        interrupt()
        return -1
      case 'model_response':
        return openThink
      case 'reasoning': {
        const index = think(event)
        grow(index, 'think', { reasoning: event })
        return index
      }
      case 'llm_usage': {
        // A journal that begins in the middle: the bill alone still makes a row.
        const index = think(event)
        grow(index, 'think', { usage: event, state: 'done' })
        openThink = -1
        return index
      }
      case 'tool_call': {
        const index = add({ ...base(event), type: 'tool', state: 'open', call: event, result: null })
        callRows.set(event.payload.call_id, index)
        return index
      }
      case 'tool_result': {
        const index = callRows.get(event.payload.call_id)
        const state = event.payload.status === 'interrupted' ? 'interrupted' : 'done'
        if (index === undefined) {
          return add({ ...base(event), type: 'tool', state, call: null, result: event })
        }
        callRows.delete(event.payload.call_id)
        grow(index, 'tool', { result: event, state })
        return index
      }
      case 'goal_check': {
        const { tests } = event.payload
        const before = failingBeforeOf(event, failing)
        failing = tests ? tests.failed : failing
        if (openCheck === -1) {
          return add({
            ...base(event),
            type: 'check',
            state: 'done',
            startedAt: event.ts - event.payload.duration_ms / 1000,
            check: event,
            failingBefore: before,
          })
        }
        const index = openCheck
        openCheck = -1
        grow(index, 'check', { check: event, state: 'done', failingBefore: before })
        return index
      }
      case 'human_check_required': {
        const index = add({ ...base(event), type: 'gate', required: event, response: null })
        gateRows.set(event.payload.gate_id, index)
        return index
      }
      case 'human_check_response': {
        const index = gateRows.get(event.payload.gate_id)
        if (index === undefined) return add({ ...base(event), type: 'gate', required: null, response: event })
        grow(index, 'gate', { response: event })
        return index
      }
      case 'note': {
        const index = add({ ...base(event), type: 'event', event, readSeq: null })
        unread.push(index)
        notes.push({ event, readSeq: null, readIn: null })
        return index
      }
      case 'run_end':
        interrupt()
        for (const index of callRows.values()) grow(index, 'tool', { state: 'interrupted' })
        callRows.clear()
        return add({ ...base(event), type: 'event', event })
      case 'paused':
      case 'resumed':
      case 'recovered':
      case 'error':
        interrupt()
        return add({ ...base(event), type: 'event', event })
      default:
        return SILENT.has(event.kind) ? -1 : add({ ...base(event), type: 'event', event })
    }
  }

  function factsOf(event: RunEvent): IterationFacts | null {
    if (event.iteration === 0) return null
    const known = byIteration.get(event.iteration)
    if (known) return known
    // Older than what the seed told of, or an iteration that only a note or a log belongs to.
    if (event.seq <= seededTo || event.kind !== 'step_start') return null
    const facts: IterationFacts = {
      iteration: event.iteration,
      startedAt: event.ts,
      endedAt: null,
      tokens: 0,
      costUsd: 0,
      toolCalls: 0,
      check: null,
      progress: null,
      failingBefore: iterations.at(-1)?.check?.tests?.failed ?? failing ?? run?.failing ?? null,
      diffStat: null,
      firstSeq: event.seq,
      lastSeq: 0,
    }
    iterations.push(facts)
    byIteration.set(facts.iteration, facts)
    return facts
  }

  function count(event: RunEvent) {
    const facts = factsOf(event)
    if (!facts || event.seq <= facts.lastSeq) return
    const next: IterationFacts = { ...facts, ...factsAfter(facts, event), lastSeq: event.seq }
    // The order of the list is the order of iterations, and they begin one after the other.
    iterations[iterations.indexOf(facts, Math.max(0, iterations.length - 2))] = next
    byIteration.set(next.iteration, next)
  }

  function follow(event: RunEvent) {
    switch (event.kind) {
      case 'step_start':
        phase = { node: event.payload.node, since: event.ts }
        return
      case 'human_check_required':
        gate = event
        return
      case 'human_check_response':
        gate = null
        phase = null
        lastDecision = event
        return
      case 'run_end':
        gate = null
        phase = null
        return
      case 'goal_check':
      case 'paused':
      case 'resumed':
      case 'recovered':
        phase = null
        return
    }
  }

  function take(event: RunEvent) {
    header(event)
    let index: number
    try {
      index = place(event)
    } catch {
      // A payload unlike its contract, from another version: shown as it is instead of losing the page.
      index = add({ ...base(event), type: 'event', event })
    }
    rowOf.push(index)
    try {
      count(event)
      if (event.kind === 'iteration_complete' || event.kind === 'iteration_undone')
        totalDiff = event.payload.total_diff_stat ?? totalDiff
      if (event.seq > seededTo || !seed) {
        follow(event)
        run = run && runAfter(run, event)
      } else if (event.kind === 'step_start' && run?.phase === event.payload.node) {
        phase = { node: event.payload.node, since: event.ts }
      }
    } catch {
      // As above: the row is there, the sums stay as they were.
    }
  }

  return {
    get version() {
      return version
    },
    events,
    rows,
    allRows() {
      for (let i = all.length; i < events.length; i++) {
        const event = events[i]!
        all.push({ ...base(event), type: 'event', event })
      }
      return all
    },
    iterations,
    iteration: n => byIteration.get(n),
    get run() {
      return run
    },
    get phase() {
      return phase
    },
    get gate() {
      return gate
    },
    get totalDiff() {
      return totalDiff
    },
    get lastDecision() {
      return lastDecision
    },
    notes,
    get lastEventAt() {
      return events.at(-1)?.ts ?? 0
    },
    rowOfEvent(seq) {
      const first = events[0]?.seq ?? 0
      return rowOf[seq - first] ?? -1
    },
    append(more) {
      let last = events.at(-1)?.seq ?? 0
      let changed = false
      for (const event of more) {
        if (event.seq <= last) continue
        last = event.seq
        const read = isShaped(event) ? event : unreadable(event)
        events.push(read)
        take(read)
        changed = true
      }
      if (changed) version += 1
    },
  }
}

/** What is not what its kind says, from another version, is shown as any unknown kind: as it is. */
const unreadable = (event: RunEvent) =>
  ({ ...event, kind: `${event.kind}, unreadable` }) as unknown as RunEvent

/**
 * A window of a history from its first whole step on, so that its rows stay the same when older events come before them.
 * `keep`: an event that must stay in it.
 */
export function fromWholeStep(events: readonly RunEvent[], keep?: number): readonly RunEvent[] {
  const first = events[0]
  if (!first || first.seq === 1) return events
  const step = events.findIndex(event => event.kind === 'step_start')
  const isTooLate = step === -1 || (keep !== undefined && keep < events[step]!.seq)
  return isTooLate ? events : events.slice(step)
}

function toFacts(row: Iteration): IterationFacts {
  return {
    iteration: row.iteration,
    startedAt: Date.parse(row.started_at) / 1000,
    endedAt: row.ended_at === null ? null : Date.parse(row.ended_at) / 1000,
    tokens: row.tokens,
    costUsd: row.cost_usd,
    toolCalls: row.tool_calls,
    check:
      row.achieved === null
        ? null
        : {
            achieved: row.achieved,
            reason: row.reason ?? '',
            tests: row.tests,
            flags: row.flags,
            measurement: row.measurement,
          },
    progress: row.progress,
    failingBefore: null,
    diffStat: row.diff_stat,
    isUndone: row.undone ?? false,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
  }
}

/** The sums of an iteration after an event of it. */
function factsAfter(facts: IterationFacts, event: RunEvent): Partial<IterationFacts> {
  switch (event.kind) {
    case 'llm_usage':
      return {
        tokens: facts.tokens + tokensOf(event),
        costUsd: sum(facts.costUsd, event.payload.cost_usd),
      }
    case 'tool_call':
      return { toolCalls: facts.toolCalls + 1 }
    case 'goal_check': {
      const { achieved, reason, tests, flags, measurement = null } = event.payload
      return { check: { achieved, reason, tests, flags, measurement } }
    }
    case 'iteration_complete':
      return {
        endedAt: event.ts,
        diffStat: event.payload.diff_stat,
        progress: event.payload.progress ?? null,
      }
    case 'iteration_undone':
      return { isUndone: true }
    default:
      return {}
  }
}

/** The place in the line is not in the journal: it comes with the list's next summary. */
const takenUp = (queued: boolean) => ({
  status: queued ? ('queued' as const) : ('running' as const),
  queue: queued ? { position: null, reason: 'It waits for a free slot' } : null,
  phase: null,
})

/** The run's head after an event, as the server's own projection does it. */
function runAfter(run: Run, event: RunEvent): Run {
  const next: Run = {
    ...run,
    last_seq: event.seq,
    updated_at: new Date(event.ts * 1000).toISOString(),
    iteration: Math.max(run.iteration, event.iteration),
  }
  switch (event.kind) {
    case 'run_start':
      return { ...next, status: 'running', queue: null }
    case 'recovered':
    case 'resumed':
      return { ...next, ...takenUp(event.payload.queued), reason: null }
    case 'step_start':
      return { ...next, status: 'running', queue: null, phase: event.payload.node, reason: null }
    case 'llm_usage':
      return {
        ...next,
        total_tokens: run.total_tokens + tokensOf(event),
        estimated_cost_usd: sum(run.estimated_cost_usd, event.payload.cost_usd),
      }
    case 'goal_check': {
      const { tests, reason } = event.payload
      if (!tests) return { ...next, phase: null, reason }
      const trend = [...run.trend, tests.failed].slice(-50)
      return { ...next, phase: null, reason, failing: tests.failed, tests_total: tests.total, trend }
    }
    case 'iteration_complete':
    case 'iteration_undone':
      return { ...next, ...linesOf(event.payload.total_diff_stat) }
    case 'human_check_required': {
      const { gate_id, iteration, summary, total_diff_stat, kind } = event.payload
      const opened_at = new Date(event.ts * 1000).toISOString()
      return {
        ...next,
        ...linesOf(total_diff_stat),
        status: 'waiting',
        phase: 'human_check',
        reason: summary,
        gate: { gate_id, iteration, opened_at, summary, ...(kind && { kind }) },
      }
    }
    case 'human_check_response':
      return {
        ...next,
        ...takenUp(event.payload.queued ?? false),
        gate: null,
        gates_skipped_until: skippedAfterDecision(run.gates_skipped_until, event.payload, event.iteration),
      }
    case 'paused':
      return { ...next, status: 'paused', phase: null, reason: event.payload.detail }
    case 'config_changed':
      return { ...next, ...limitsOf(event.payload.changes), ...gatesAfter(run, event.payload.changes) }
    case 'error':
      return { ...next, error: event.payload.message }
    case 'run_end': {
      const { payload } = event
      return {
        ...next,
        status: payload.status,
        phase: null,
        gate: null,
        outcome: payload.outcome,
        reason: payload.reason,
        ended_at: next.updated_at,
        error: payload.status === 'failed' ? (run.error ?? payload.reason) : run.error,
        final_state: {
          iteration: payload.iterations,
          goal_achieved: payload.achieved,
          goal_reason: payload.reason,
          total_tokens: payload.total_tokens,
          estimated_cost_usd: payload.estimated_cost_usd,
          outcome: payload.outcome,
        },
      }
    }
    default:
      return next
  }
}

const linesOf = (stat: DiffStat | null) =>
  stat === null ? {} : { insertions: stat.insertions, deletions: stat.deletions }

const LIMITS = ['max_iterations', 'model_name', 'max_cost_usd', 'max_tokens', 'max_minutes'] as const

function limitsOf(changes: Record<string, unknown>): Partial<Run> {
  // The server has checked these values against RunConfig before it stored them.
  return Object.fromEntries(
    LIMITS.filter(name => changes[name] !== undefined).map(name => [name, changes[name]]),
  )
}

function gatesAfter(run: Run, changes: GateRequest): Partial<Run> {
  const gate_policy = gatePolicyAfter(run.gate_policy, changes)
  const gates_skipped_until = skippedAfterChange(run.gates_skipped_until, changes)
  return { gate_policy, gates_skipped_until, hitl_enabled: gate_policy.mode !== 'off' }
}

/** All tokens of a model call: input, cache reads and writes, output. */
export function tokensOf({ payload }: EventOf<'llm_usage'>): number {
  return (
    payload.input_tokens +
    payload.output_tokens +
    payload.cache_read_input_tokens +
    payload.cache_creation_input_tokens
  )
}

/** One unknown price makes the sum unknown, never too low. */
const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b)

/** Where the check before is not in the events, its number follows from what this one says is new and fixed. */
function failingBeforeOf(event: EventOf<'goal_check'>, seen: number | null): number | null {
  const { tests, baseline } = event.payload
  if (baseline) return null
  if (seen !== null || !tests) return seen
  return countBefore(tests)
}

const countBefore = (tests: TestCounts) =>
  Math.max(0, tests.failed - tests.newly_failing.length + tests.fixed.length)

function failingBefore(facts: IterationFacts, before: IterationFacts | undefined, run: Run | undefined) {
  if (before?.check?.tests) return before.check.tests.failed
  if (facts.check?.tests) return countBefore(facts.check.tests)
  return run?.failing ?? null
}
