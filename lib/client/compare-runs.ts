// Two runs side by side: what each came to, in what they were asked differently, and which tests tell them apart. Pure.
import type { Evidence } from '../contract/evidence.ts'
import { gatePolicyWords } from '../contract/gate-policy.ts'
import type { Iteration } from '../contract/run-history.ts'
import type { Run } from '../contract/runs.ts'
import { sandboxText } from '../contract/sandbox-mode.ts'
import { compact, cost, duration } from './format.ts'
import { STATUS_WORD } from './status.ts'

export interface ComparedRun {
  run: Run
  iterations: Iteration[]
  /** Snapshot of the directory at the start; null where none was taken. */
  base: string | null
  /** What it worked for, waits not counted; null while it goes on. */
  duration_ms: number | null
}

export interface ComparedFact {
  name: string
  a: string
  b: string
  /** From A to B; null where a difference says nothing. */
  delta: string | null
}

export function compareFacts(a: ComparedRun, b: ComparedRun): ComparedFact[] {
  const number = (
    name: string,
    value: (of: ComparedRun) => number | null,
    say: (n: number) => string,
    /** Less than this is the same to whoever reads it. */
    least = 1e-9,
  ): ComparedFact => {
    const [x, y] = [value(a), value(b)]
    const words = (n: number | null) => (n === null ? '—' : say(n))
    return {
      name,
      a: words(x),
      b: words(y),
      delta: x === null || y === null ? null : signed(y - x, say, least),
    }
  }
  const plain = (name: string, value: (of: ComparedRun) => string): ComparedFact => ({
    name,
    a: value(a),
    b: value(b),
    delta: null,
  })
  return [
    plain('Result', ({ run }) => STATUS_WORD[run.status]),
    number('Iterations', ({ run }) => run.iteration, String),
    number('Failing at the start', ({ run }) => run.trend[0] ?? null, String),
    number('Failing at the end', ({ run }) => run.failing, String),
    number('Tests', ({ run }) => run.tests_total, String),
    number('Cost', ({ run }) => run.estimated_cost_usd, cost, 0.01),
    number('Tokens', ({ run }) => run.total_tokens, compact),
    number('Time at work', ({ duration_ms }) => duration_ms, duration),
    number('Tool calls', ({ iterations }) => sum(iterations.map(i => i.tool_calls)), String),
    number('Lines added', ({ run }) => run.insertions, compact),
    number('Lines removed', ({ run }) => run.deletions, compact),
  ]
}

/** `+16`, `−$2.69`, `same`. */
function signed(difference: number, say: (n: number) => string, least: number): string {
  if (Math.abs(difference) < least) return 'same'
  return `${difference > 0 ? '+' : '−'}${say(Math.abs(difference))}`
}

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0)

/** Why the numbers are not like for like; empty when they are. */
export function unlikeness(a: ComparedRun, b: ComparedRun): string[] {
  const found: string[] = []
  if (JSON.stringify(a.run.goals) !== JSON.stringify(b.run.goals)) found.push('the goals differ')
  if (a.run.cwd !== b.run.cwd) found.push('they worked in different directories')
  else if (a.base === null || b.base === null)
    found.push('it is not known whether they began with the same files')
  else if (a.base !== b.base) found.push('they began with different files')
  if (a.run.scripted !== b.run.scripted) found.push('one of them replayed a recorded conversation')
  return found
}

export interface ComparedSetting {
  name: string
  /** What it is called in the API. */
  field: keyof Run
  a: string
  b: string
  isDifferent: boolean
}

/** What each was asked for, every default resolved. */
export function compareSettings(a: Run, b: Run): ComparedSetting[] {
  return SETTINGS.map(([name, field, value = run => run[field]]) => {
    const [x, y] = [said(value(a)), said(value(b))]
    return { name, field, a: x, b: y, isDifferent: x !== y }
  })
}

const SETTINGS: [name: string, field: keyof Run, value?: (run: Run) => unknown][] = [
  ['Goal', 'goal'],
  ['Checked by', 'check_command', run => run.check_command ?? run.goal_name],
  ['All that must hold', 'goals', run => (run.goals.length > 1 ? run.goals : null)],
  ['Success', 'success_condition'],
  [
    'Goal settings',
    'goal_options',
    run => (Object.keys(run.goal_options).length > 0 ? run.goal_options : null),
  ],
  ['Directory', 'cwd'],
  ['Model', 'model_name'],
  ['Iterations', 'max_iterations'],
  ['Cost, $', 'max_cost_usd'],
  ['Tokens', 'max_tokens'],
  ['Minutes', 'max_minutes'],
  ['Gate', 'gate_policy', run => gatePolicyWords(run.gate_policy)],
  ['Protected tests', 'protect'],
  ['Green check is run again', 'confirm'],
  ['No progress ends it after', 'no_progress_iterations'],
  ['Network', 'network'],
  ['Sandbox', 'sandbox', run => sandboxText(run.sandbox)],
  [
    'Commands',
    'command_policy',
    run => (Object.keys(run.command_policy ?? {}).length > 0 ? run.command_policy : null),
  ],
  ['Instructions', 'instructions'],
  ['Tags', 'tags', run => (run.tags.length > 0 ? run.tags.join(', ') : null)],
  ['Priority', 'priority'],
]

function said(value: unknown): string {
  if (value === null || value === undefined) return '—'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

type Cases = NonNullable<Evidence['tests']>['cases']

export interface ComparedTests {
  /** Passed in A, did not in B. */
  lost: string[]
  /** Did not pass in A, passed in B. */
  gained: string[]
  onlyInA: number
  onlyInB: number
}

/** null where one of them has no tests by name. */
export function compareTests(a: Cases, b: Cases): ComparedTests | null {
  if (a.length === 0 || b.length === 0) return null
  const stateInA = new Map(a.map(one => [one.name, one.state]))
  const stateInB = new Map(b.map(one => [one.name, one.state]))
  const lost: string[] = []
  const gained: string[] = []
  for (const [name, before] of stateInA) {
    const after = stateInB.get(name)
    if (after === undefined || (before === 'passed') === (after === 'passed')) continue
    if (before === 'passed') lost.push(name)
    else gained.push(name)
  }
  const missing = (names: Iterable<string>, from: ReadonlyMap<string, unknown>) =>
    [...names].filter(name => !from.has(name)).length
  return {
    lost,
    gained,
    onlyInA: missing(stateInA.keys(), stateInB),
    onlyInB: missing(stateInB.keys(), stateInA),
  }
}
