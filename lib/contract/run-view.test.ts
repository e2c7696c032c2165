import { expect, test } from 'vitest'
import type { EventKind, EventOf, Payload, RunEvent } from './event.ts'
import { NO_GATES } from './gate-policy.ts'
import { createRunView, fromWholeStep, type Row, type RunView } from './run-view.ts'
import type { Run } from './runs.ts'

const RUN_ID = '550e8400-e29b-41d4-a716-446655440000'

/** Events one second apart, numbered from 1. */
function journal() {
  const events: RunEvent[] = []
  function add<K extends EventKind>(kind: K, iteration: number, payload: Payload<K>) {
    const seq = events.length + 1
    // Kind and payload belong together by the signature above.
    events.push({ kind, run_id: RUN_ID, iteration, seq, ts: 1000 + seq, payload } as EventOf<K>)
  }
  return { events, add }
}

const usage = (cost: number | null): Payload<'llm_usage'> => ({
  input_tokens: 10,
  output_tokens: 20,
  cache_read_input_tokens: 300,
  cache_creation_input_tokens: 4000,
  cost_usd: cost,
  model: 'scripted/demo',
  duration_ms: 900,
  stop_reason: 'tool_use',
  attempts: 1,
})

function check(failed: number, was: number | null): Payload<'goal_check'> {
  const names = (n: number) => Array.from({ length: n }, (_, i) => `test ${i}`)
  return {
    achieved: failed === 0,
    reason: `${failed} failing of 9`,
    baseline: was === null,
    command: 'npm test',
    exit_code: failed === 0 ? 0 : 1,
    duration_ms: 1500,
    output: '',
    truncated: false,
    bytes: 0,
    tests: {
      passed: 9 - failed,
      failed,
      skipped: 0,
      total: 9,
      failing: names(failed),
      newly_failing: [],
      fixed: was === null ? [] : names(was - failed),
    },
    flags: [],
    broken: false,
    tree: null,
  }
}

const result = (call_id: string): Payload<'tool_result'> => ({
  call_id,
  tool: 'bash_exec',
  output: 'ok',
  exit_code: 0,
  status: 'ok',
  duration_ms: 40,
  truncated: false,
  bytes: 2,
})

function iteration(log: ReturnType<typeof journal>, n: number, failed: number, was: number) {
  log.add('step_start', n, { node: 'plan' })
  log.add('model_response', n, { content: [], stop_reason: 'tool_use', model: 'scripted/demo' })
  log.add('reasoning', n, { text: 'Let me look.' })
  log.add('llm_usage', n, usage(0.01))
  log.add('step_start', n, { node: 'act' })
  log.add('tool_call', n, { call_id: `a${n}`, tool: 'bash_exec', args: { command: 'ls' } })
  log.add('tool_call', n, { call_id: `b${n}`, tool: 'file_read', args: { path: 'x' } })
  log.add('tool_result', n, result(`b${n}`))
  log.add('tool_result', n, result(`a${n}`))
  log.add('step_start', n, { node: 'evaluate' })
  log.add('goal_check', n, check(failed, was))
  log.add('iteration_complete', n, {
    iteration: n,
    tokens: 4330,
    cost_usd: 0.01,
    duration_ms: 10_000,
    tool_calls: 2,
    diff_stat: { files: 1, insertions: 3, deletions: 1, by_file: [] },
    total_diff_stat: { files: 1, insertions: 3, deletions: 1, by_file: [] },
    tree: null,
    progress: progress(was, failed),
  })
}

const progress = (before: number, after: number) => ({
  failing_before: before,
  failing_after: after,
  fixed: [],
  newly_failing: [],
  trend: 'better' as const,
  same_for: 1,
})

function wholeRun() {
  const log = journal()
  log.add('step_start', 0, { node: 'evaluate' })
  log.add('goal_check', 0, check(5, null))
  iteration(log, 1, 2, 5)
  log.add('human_check_required', 1, {
    iteration: 1,
    summary: 'Iteration 1: 2 failing of 9.',
    gate_id: 'g1',
    diff_stat: null,
    diff_hash: 'tree',
    total_diff_stat: { files: 1, insertions: 3, deletions: 1, by_file: [] },
    flags: [],
    cost_usd: 0.01,
    iteration_cost_usd: 0.01,
    failing_before: 5,
    tests: null,
    agent_says: null,
  })
  log.add('human_check_response', 1, { decision: 'approve', gate_id: 'g1', note: null, decided_by: 'cli' })
  iteration(log, 2, 0, 2)
  log.add('run_end', 2, {
    achieved: true,
    iterations: 2,
    total_tokens: 8660,
    status: 'achieved',
    outcome: 'achieved',
    reason: 'All 9 tests passed',
    estimated_cost_usd: 0.02,
    duration_ms: 30_000,
  })
  return log.events
}

/** The head of the run before anything happened. */
const head = (last_seq: number): Run => ({
  run_id: RUN_ID,
  goal: 'npm-test',
  status: 'running',
  created_at: '2026-02-18T12:00:00Z',
  model_name: 'scripted/demo',
  max_iterations: 20,
  hitl_enabled: true,
  cwd: '/p',
  updated_at: '2026-02-18T12:00:00Z',
  ended_at: null,
  phase: null,
  iteration: 0,
  failing: null,
  tests_total: null,
  trend: [],
  insertions: null,
  deletions: null,
  total_tokens: 0,
  estimated_cost_usd: 0,
  max_cost_usd: 2,
  outcome: null,
  reason: null,
  gate: null,
  priority: 0,
  queue: null,
  tags: [],
  last_seq,
  scripted: true,
  error: null,
  final_state: null,
  gate_policy: { ...NO_GATES, mode: 'each' },
  gates_skipped_until: null,
  continues: null,
  goal_name: 'npm-test',
  check_command: null,
  success_condition: null,
  protect: 'enforce',
  max_tokens: null,
  max_minutes: null,
  instructions: null,
  sandbox: 'bwrap',
  network: 'off',
  goals: [{ goal: 'pytest' }],
  goal_options: {},
  confirm: 0,
  no_progress_iterations: 3,
  judged: false,
})

const types = (view: RunView) => view.rows.map(row => row.type)
const only = <T extends Row['type']>(view: RunView, type: T) =>
  view.rows.filter((row): row is Extract<Row, { type: T }> => row.type === type)

test('what belongs together is one row: words and bill, call and result, question and answer', () => {
  const view = createRunView()
  view.append(wholeRun())
  expect(types(view)).toEqual([
    ...['check'],
    ...['iteration', 'think', 'tool', 'tool', 'check', 'gate'],
    ...['iteration', 'think', 'tool', 'tool', 'check', 'event'],
  ])
  const [first] = only(view, 'tool')
  expect([first?.call?.payload.call_id, first?.result?.payload.call_id, first?.state]).toEqual([
    'a1',
    'a1',
    'done',
  ])
  expect(only(view, 'think')[0]?.usage?.payload.cost_usd).toBe(0.01)
  expect(only(view, 'gate')[0]?.response?.payload.decided_by).toBe('cli')
})

test('one event at a time gives the same rows and sums as all at once', () => {
  const events = wholeRun()
  const seed = { run: head(0) }
  const atOnce = createRunView(seed)
  atOnce.append(events)
  const oneByOne = createRunView(seed)
  for (const event of events) oneByOne.append([event])
  expect(oneByOne.rows).toEqual(atOnce.rows)
  expect(oneByOne.iterations).toEqual(atOnce.iterations)
  expect(oneByOne.run).toEqual(atOnce.run)
})

test('the head of the run follows its events: tokens, cost, trend, gate and end', () => {
  const events = wholeRun()
  const view = createRunView({ run: head(0) })
  const gateAt = events.findIndex(e => e.kind === 'human_check_required')
  view.append(events.slice(0, gateAt + 1))
  expect(view.run).toMatchObject({
    status: 'waiting',
    iteration: 1,
    trend: [5, 2],
    failing: 2,
    insertions: 3,
  })
  expect(view.gate?.payload.gate_id).toBe('g1')
  view.append(events.slice(gateAt + 1))
  expect(view.gate).toBeNull()
  expect(view.run).toMatchObject({ status: 'achieved', total_tokens: 8660, trend: [5, 2, 0], failing: 0 })
  expect(view.run?.estimated_cost_usd).toBeCloseTo(0.02)
})

test('each iteration says where it began and where it got to', () => {
  const view = createRunView()
  view.append(wholeRun())
  expect(view.iterations.map(i => [i.failingBefore, i.check?.tests?.failed, i.toolCalls, i.tokens])).toEqual([
    [5, 2, 2, 4330],
    [2, 0, 2, 4330],
  ])
})

test('each iteration says what it did for the goal, live and from what the server knows already', () => {
  const view = createRunView()
  view.append(wholeRun())
  expect(view.iterations.map(i => i.progress)).toEqual([progress(5, 2), progress(2, 0)])
  const seeded = createRunView({
    run: head(99),
    iterations: [
      {
        iteration: 1,
        started_at: '2026-02-18T12:00:00Z',
        ended_at: '2026-02-18T12:01:00Z',
        tokens: 1,
        cost_usd: 0,
        tool_calls: 0,
        achieved: false,
        reason: 'slow',
        tests: null,
        progress: progress(5, 2),
        measurement: {
          name: 'median',
          value: 9,
          unit: 'ms',
          target: 5,
          better: 'lower',
          baseline: null,
          samples: [],
        },
        flags: [],
        diff_stat: null,
        first_seq: 3,
        last_seq: 9,
      },
    ],
  })
  expect(seeded.iteration(1)).toMatchObject({
    progress: progress(5, 2),
    check: { measurement: { value: 9 } },
  })
})

test('a seeded page that gets old events again does not count them twice', () => {
  const events = wholeRun()
  const seeded = createRunView({
    run: { ...head(events.length), status: 'achieved', total_tokens: 8660, trend: [5, 2, 0] },
    iterations: [2].map(n => ({
      iteration: n,
      started_at: '2026-02-18T12:00:00Z',
      ended_at: '2026-02-18T12:01:00Z',
      tokens: 4330,
      cost_usd: 0.01,
      tool_calls: 2,
      achieved: true,
      reason: 'All passed',
      tests: check(0, 2).tests,
      progress: null,
      measurement: null,
      flags: [],
      diff_stat: null,
      first_seq: 17,
      last_seq: events.length,
    })),
  })
  seeded.append(events)
  expect(seeded.run).toMatchObject({ total_tokens: 8660, trend: [5, 2, 0] })
  expect(seeded.iteration(2)).toMatchObject({ tokens: 4330, toolCalls: 2, failingBefore: 2 })
})

test('a history that begins in the middle shows what it has', () => {
  const events = wholeRun()
  for (let from = 1; from < events.length; from++) {
    const view = createRunView()
    view.append(events.slice(from))
    expect(view.rows.length).toBeGreaterThan(0)
    expect(view.allRows()).toHaveLength(events.length - from)
  }
  const inside = createRunView()
  inside.append(events.slice(5))
  // The header of an iteration stands where it begins.
  expect(only(inside, 'iteration').map(row => row.iteration)).toEqual([2])
  const tail = createRunView()
  const resultAt = events.findIndex(e => e.kind === 'tool_result')
  tail.append(events.slice(resultAt))
  expect(only(tail, 'tool')[0]).toMatchObject({ call: null, state: 'done' })
})

test('rows of a window that begins with a whole step keep their keys when older events come before them', () => {
  const events = wholeRun()
  const whole = createRunView()
  whole.append(events)
  const keys = whole.rows.map(row => row.key)
  for (let from = 1; from < events.length - 3; from++) {
    const view = createRunView()
    view.append(fromWholeStep(events.slice(from)))
    const missing = view.rows.map(row => row.key).filter(key => !keys.includes(key))
    // Behind the last step there is none to begin with.
    if (view.events[0]?.kind === 'step_start') expect(missing).toEqual([])
  }
  expect(fromWholeStep(events)).toHaveLength(events.length)
  expect(fromWholeStep(events.slice(4), 6)).toHaveLength(events.length - 4)
})

test('a kind of a newer server and a payload unlike its contract become rows, and the rest goes on', () => {
  const view = createRunView({ run: head(0) })
  const strange = [
    { kind: 'telepathy', run_id: RUN_ID, iteration: 1, seq: 1, ts: 1, payload: { from: 'later' } },
    { kind: 'tool_call', run_id: RUN_ID, iteration: 1, seq: 2, ts: 2, payload: null },
    { kind: 'goal_check', run_id: RUN_ID, iteration: 1, seq: 3, ts: 3, payload: {} },
    { kind: 'note', run_id: RUN_ID, iteration: 1, seq: 4, ts: 4, payload: { text: 'hi', by: 'cli' } },
  ]
  // What the type forbids is what is tried here.
  view.append(strange as unknown as RunEvent[])
  expect(types(view)[1]).toBe('event')
  expect(view.rows.at(-1)).toMatchObject({ type: 'event', seq: 4 })
  expect(view.run?.last_seq).toBe(4)
})

test('a call that a crash cut off is shown as interrupted, and one still running as open', () => {
  const log = journal()
  log.add('step_start', 1, { node: 'act' })
  log.add('tool_call', 1, { call_id: 'a', tool: 'bash_exec', args: {} })
  const view = createRunView()
  view.append(log.events)
  expect(only(view, 'tool')[0]?.state).toBe('open')
  log.add('recovered', 1, {
    boot: 'b',
    interrupted_calls: ['a'],
    queued: false,
    clean: false,
    crashes: 1,
  })
  log.add('tool_result', 1, { ...result('a'), status: 'interrupted', exit_code: null })
  view.append(log.events)
  expect(only(view, 'tool')[0]?.state).toBe('interrupted')
})

test('a model call that never answers is interrupted when the run pauses', () => {
  const log = journal()
  log.add('step_start', 1, { node: 'plan' })
  log.add('paused', 1, { reason: 'model_unavailable', detail: 'no answer', retry_at: null })
  log.add('step_start', 1, { node: 'plan' })
  log.add('llm_usage', 1, usage(null))
  const view = createRunView({ run: head(0) })
  view.append(log.events)
  expect(only(view, 'think').map(row => row.state)).toEqual(['interrupted', 'done'])
  expect(view.run?.estimated_cost_usd).toBeNull()
})

test('an event finds its row, also as a part of it', () => {
  const events = wholeRun()
  const view = createRunView()
  view.append(events)
  const resultAt = events.findIndex(e => e.kind === 'tool_result')
  expect(view.rows[view.rowOfEvent(resultAt + 1)]?.type).toBe('tool')
  expect(view.rowOfEvent(9999)).toBe(-1)
})

test('rows that did not change are the same objects, so that only the changed one is painted', () => {
  const log = journal()
  log.add('tool_call', 1, { call_id: 'a', tool: 'bash_exec', args: {} })
  log.add('tool_call', 1, { call_id: 'b', tool: 'bash_exec', args: {} })
  const view = createRunView()
  view.append(log.events)
  const before = [...view.rows]
  log.add('tool_result', 1, result('b'))
  view.append(log.events)
  expect(view.rows.map((row, i) => row === before[i])).toEqual([true, true, false])
})

test('a hundred thousand events cost per event about what ten thousand do', () => {
  const make = (iterations: number) => {
    const log = journal()
    for (let n = 1; n <= iterations; n++) iteration(log, n, 3, 3)
    return log.events
  }
  const time = (events: RunEvent[]) => {
    const view = createRunView({ run: head(0) })
    const started = performance.now()
    for (let i = 0; i < events.length; i += 20) view.append(events.slice(i, i + 20))
    return (performance.now() - started) / events.length
  }
  const [small, large] = [make(834), make(8334)]
  time(small) // warm up
  const best = (events: RunEvent[]) => Math.min(time(events), time(events), time(events))
  // Copying per event would make it ten times as much.
  expect(best(large) / best(small)).toBeLessThan(4)
})

test('a note is read with the next question to the model, not with the one that is under way', () => {
  const log = journal()
  const view = createRunView()
  const take = () => view.append(log.events)
  log.add('step_start', 1, { node: 'plan' })
  log.add('note', 1, { text: 'keep the API', by: 'ana' })
  log.add('llm_usage', 1, usage(0.01))
  take()
  expect(view.notes).toEqual([{ event: log.events[1], readSeq: null, readIn: null }])
  expect(view.rows[view.rowOfEvent(2)]).toMatchObject({ type: 'event', readSeq: null })
  log.add('step_start', 1, { node: 'act' })
  log.add('note', 1, { text: 'and the tests', by: 'ana' })
  take()
  expect(view.notes.map(note => note.readSeq)).toEqual([null, null])
  log.add('step_start', 2, { node: 'plan' })
  log.add('note', 2, { text: 'thanks', by: 'ana' })
  take()
  expect(view.notes.map(note => [note.readSeq, note.readIn])).toEqual([
    [6, 2],
    [6, 2],
    [null, null],
  ])
  expect(view.rows[view.rowOfEvent(2)]).toMatchObject({ readSeq: 6 })
})

test('what a person said of gates to come, and what was undone, shows at once', () => {
  const log = journal()
  const view = createRunView({ run: head(0) })
  const told = () => view.append(log.events)
  log.add('step_start', 1, { node: 'plan' })
  log.add('human_check_response', 1, {
    decision: 'approve',
    gate_id: 'g1',
    note: null,
    approve_next: 2,
    decided_by: 'cli',
  })
  told()
  expect(view.run).toMatchObject({ gates_skipped_until: 3, gate_policy: { mode: 'each' } })
  log.add('config_changed', 1, { changes: { gate_policy: { mode: 'flags', timeout_minutes: 5 } }, by: 'api' })
  told()
  const gate_policy = { mode: 'flags', timeout_minutes: 5, on_timeout: 'abort' }
  expect(view.run).toMatchObject({ gates_skipped_until: null, gate_policy, hitl_enabled: true })
  log.add('config_changed', 1, { changes: { hitl_enabled: false }, by: 'api' })
  const stat = { files: 0, insertions: 0, deletions: 0, by_file: [] }
  log.add('iteration_undone', 1, { iteration: 1, files: 2, left: [], tree: 'b', total_diff_stat: stat })
  told()
  expect(view.run).toMatchObject({ hitl_enabled: false, insertions: 0, deletions: 0 })
  expect([view.iteration(1)?.isUndone, view.totalDiff]).toEqual([true, stat])
})
