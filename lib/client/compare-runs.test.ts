import { expect, test } from 'vitest'
import { NO_GATES } from '../contract/gate-policy.ts'
import type { Run } from '../contract/runs.ts'
import { type ComparedRun, compareFacts, compareSettings, compareTests, unlikeness } from './compare-runs.ts'
import { compareHref, readCompare } from './compare-url.ts'
import { summary } from './run-summary.fixture.ts'

const runOf = (changes: Partial<Run> = {}): Run => ({
  ...summary(),
  error: null,
  final_state: null,
  gate_policy: NO_GATES,
  gates_skipped_until: null,
  continues: null,
  goal_name: 'pytest',
  check_command: null,
  success_condition: null,
  protect: 'enforce',
  goals: [{ goal: 'pytest' }],
  goal_options: {},
  confirm: 0,
  no_progress_iterations: 3,
  max_tokens: null,
  max_minutes: null,
  instructions: null,
  sandbox: 'bubblewrap',
  network: 'off',
  ...changes,
})
const compared = (changes: Partial<Run> = {}, rest: Partial<ComparedRun> = {}): ComparedRun => ({
  run: runOf(changes),
  iterations: [],
  base: 'tree',
  duration_ms: 62_000,
  ...rest,
})
const fact = (a: ComparedRun, b: ComparedRun, name: string) => compareFacts(a, b).find(f => f.name === name)

test('numbers have a difference with its sign, from A to B', () => {
  const a = compared({ iteration: 4, estimated_cost_usd: 0.41, failing: 0 })
  const b = compared({ iteration: 20, estimated_cost_usd: 0.11, failing: 0 }, { duration_ms: 122_000 })
  expect(fact(a, b, 'Iterations')).toEqual({ name: 'Iterations', a: '4', b: '20', delta: '+16' })
  expect(fact(a, b, 'Cost')?.delta).toBe('−$0.30')
  expect(fact(a, b, 'Time at work')?.delta).toBe('+1 m 00 s')
  expect(fact(a, b, 'Failing at the end')?.delta).toBe('same')
})

test('what one of them does not know has no difference', () => {
  const [a, b] = [compared({ estimated_cost_usd: null }), compared({ estimated_cost_usd: 1 })]
  expect(fact(a, b, 'Cost')).toEqual({ name: 'Cost', a: '—', b: '$1.00', delta: null })
})

test('it is said why numbers are not like for like', () => {
  expect(unlikeness(compared(), compared({ model_name: 'other' }))).toEqual([])
  expect(unlikeness(compared(), compared({}, { base: 'other' }))).toEqual(['they began with different files'])
  expect(unlikeness(compared(), compared({}, { base: null }))[0]).toContain('not known')
  expect(
    unlikeness(compared(), compared({ cwd: '/srv/web', goals: [{ goal: 'tsc' }], scripted: true })),
  ).toEqual([
    'the goals differ',
    'they worked in different directories',
    'one of them replayed a recorded conversation',
  ])
})

test('settings that differ are marked', () => {
  const rows = compareSettings(runOf(), runOf({ model_name: 'haiku', protect: ['tests/**'] }))
  expect(rows.filter(row => row.isDifferent)).toEqual([
    { name: 'Model', field: 'model_name', a: 'claude-sonnet-4-6', b: 'haiku', isDifferent: true },
    { name: 'Protected tests', field: 'protect', a: 'enforce', b: '["tests/**"]', isDifferent: true },
  ])
})

test('tests that pass in one of them only are named, those of one alone are counted', () => {
  const cases = (...all: [string, 'passed' | 'failed' | 'skipped'][]) =>
    all.map(([name, state]) => ({ name, state }))
  expect(
    compareTests(
      cases(
        ['a', 'passed'],
        ['b', 'failed'],
        ['c', 'passed'],
        ['gone', 'passed'],
        ['constructor', 'skipped'],
      ),
      cases(
        ['a', 'failed'],
        ['b', 'passed'],
        ['c', 'passed'],
        ['added', 'passed'],
        ['constructor', 'passed'],
      ),
    ),
  ).toEqual({ lost: ['a'], gained: ['b', 'constructor'], onlyInA: 1, onlyInB: 1 })
  expect(compareTests([], cases(['a', 'passed']))).toBeNull()
})

test('the address of a comparison reads back, and nonsense in it is the plain page', () => {
  expect(compareHref('x', 'y', 'diff')).toBe('/compare?a=x&b=y&tab=diff')
  expect(readCompare({ a: 'x', b: ['y', 'z'], tab: 'diff' })).toEqual({ a: 'x', b: 'y', tab: 'diff' })
  expect(readCompare({ a: ' ', tab: 'nonsense' })).toEqual({ a: null, b: null, tab: 'summary' })
  expect(compareHref(null, null)).toBe('/compare')
})
