import { expect, test } from 'vitest'
import type { EventKind, EventOf, Payload, RunEvent } from '#lib/contract/event'
import { createPaint } from './colour.ts'
import { createEventLines, timeOf } from './event-lines.ts'

const at = (seq: number) => new Date(2026, 10, 24, 12, 0, seq).getTime() / 1000

function event<K extends EventKind>(seq: number, kind: K, payload: Payload<K>): EventOf<K> {
  // Kind and payload belong together by the signature.
  return { kind, run_id: 'r', iteration: 1, seq, ts: at(seq), payload } as EventOf<K>
}

const tests = (failed: number) => ({
  passed: 14 - failed,
  failed,
  skipped: 0,
  total: 14,
  failing: [],
  newly_failing: [],
  fixed: [],
})

const check = (seq: number, failed: number, baseline = false) =>
  event(seq, 'goal_check', {
    achieved: failed === 0,
    reason: `${failed} failing`,
    baseline,
    command: 'npm test',
    exit_code: failed === 0 ? 0 : 1,
    duration_ms: 400,
    output: '',
    truncated: false,
    bytes: 0,
    tests: tests(failed),
    flags: failed === 2 ? [{ code: 'test_skipped', path: 'a.test.mjs', detail: 'a test was skipped' }] : [],
    broken: false,
    tree: null,
  })

const STORY: RunEvent[] = [
  event(1, 'run_start', {
    goal: 'npm-test',
    goal_name: 'npm-test',
    cwd: '/project',
    model_name: 'scripted/demo',
    max_iterations: 20,
    hitl_enabled: false,
    sandbox: 'off',
    base: null,
  }),
  check(2, 5, true),
  event(3, 'step_start', { node: 'plan' }),
  event(4, 'reasoning', { text: 'I look\nfirst.\u001b[2J' }),
  event(5, 'tool_call', { call_id: 'c1', tool: 'bash_exec', args: { command: 'npm test\n-- --all' } }),
  event(6, 'tool_result', {
    call_id: 'c1',
    tool: 'bash_exec',
    output: 'no',
    exit_code: 1,
    status: 'ok',
    duration_ms: 1200,
    truncated: false,
    bytes: 2,
  }),
  check(7, 2),
  event(8, 'iteration_complete', {
    iteration: 1,
    tokens: 12_400,
    cost_usd: 0.03,
    duration_ms: 6200,
    tool_calls: 1,
    diff_stat: { files: 2, insertions: 4, deletions: 2, by_file: [] },
    total_diff_stat: null,
    tree: null,
  }),
  check(9, 0),
  event(10, 'run_end', {
    achieved: true,
    iterations: 2,
    total_tokens: 12_400,
    status: 'achieved',
    outcome: 'achieved',
    reason: 'All 14 tests passed',
    estimated_cost_usd: 0.03,
    duration_ms: 9000,
  }),
]

test('a run is told in one line per event that says something', () => {
  const { linesOf } = createEventLines({ paint: createPaint(false), width: null })
  expect(STORY.flatMap(linesOf)).toEqual([
    '12:00:01  goal         npm-test · scripted/demo · /project',
    '12:00:02  baseline     5 failing of 14 · exit 1 · 400 ms · npm test',
    '12:00:04  says         I look first.',
    '12:00:06  bash_exec    npm test -- --all → exit 1 · 1.2 s',
    '12:00:07  check        2 failing of 14 (was 5) · exit 1 · 400 ms · npm test',
    '12:00:07  flag         a.test.mjs: a test was skipped',
    '12:00:08  iteration 1  1 tool call · 12.4k tokens · $0.03 · +4 −2 in 2 files · 6.2 s',
    '12:00:09  check        all 14 passed (was 2) · exit 0 · 400 ms · npm test',
    '12:00:10  achieved     All 14 tests passed',
  ])
})

test('what runs now is known between a call and its result', () => {
  const lines = createEventLines({ paint: createPaint(false), width: null })
  const now = STORY.map(event => {
    lines.linesOf(event)
    return lines.current()
  })
  expect(now.slice(2, 6)).toEqual([
    'the model thinks',
    'the model thinks',
    'bash_exec npm test -- --all',
    null,
  ])
  expect(now.at(-1)).toBeNull()
})

test('lines fit the terminal, and colours do not count', () => {
  const { linesOf } = createEventLines({ paint: createPaint(true), width: 40 })
  const [line] = linesOf(event(1, 'reasoning', { text: 'word '.repeat(50) }))
  expect(line).toContain('\u001b[36msays')
  expect(line?.replace(/\u001b\[\d+m/g, '')).toHaveLength(40)
})

test('kinds of a newer server are passed over', () => {
  const { linesOf } = createEventLines({ paint: createPaint(false), width: null })
  const unknown = { kind: 'telepathy', run_id: 'r', iteration: 1, seq: 1, ts: 1, payload: {} }
  expect(linesOf(unknown as unknown as RunEvent)).toEqual([]) // what no type of ours can say
})

test('times are those of the reader’s own clock', () => {
  expect(timeOf(at(5))).toBe('12:00:05')
})
