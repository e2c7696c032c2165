// What a check found, test by test or problem by problem: built here alone, so that the counts always follow from the cases.

export type CaseState = 'passed' | 'failed' | 'skipped'

/** One test, or one finding of a linter or type checker (always `failed`). */
export interface TestCase {
  /** Stable: the same from one check to the next, e.g. `tests/test_cart.py::test_total`; unique within a check. */
  name: string
  state: CaseState
  /** Why it failed or was skipped, as the tool says it; at most MESSAGE_CHARS. */
  message?: string
  /** Relative to the project's folder. */
  file?: string
  /** From 1. */
  line?: number
}

export interface CheckTests {
  /** `problems`: none is good, and there is nothing to pass. */
  unit: 'tests' | 'problems'
  passed: number
  failed: number
  skipped: number
  total: number
  /** Names of the failed cases. */
  failing: string[]
  /** Every case, in the tool's order; empty when the tool only gave counts. */
  cases: TestCase[]
}

export const MESSAGE_CHARS = 2000
/** Names stand in events, by the hundred. */
export const NAME_CHARS = 1000
/** Beyond this many, the cases that did not fail are left out of `cases`; the counts stay true. */
export const MAX_CASES = 20_000

/** The tests of a report. A name that comes twice gets a number: two tests never hide behind one name. */
export function testsFrom(cases: TestCase[]): CheckTests {
  const named = uniquelyNamed(cases.map(shortened))
  const count = (state: CaseState) => named.filter(one => one.state === state).length
  return {
    unit: 'tests',
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    total: named.length,
    failing: named.filter(one => one.state === 'failed').map(one => one.name),
    cases: kept(named),
  }
}

/** The findings of a linter or type checker. */
export function problemsFrom(findings: Omit<TestCase, 'state'>[]): CheckTests {
  const found = testsFrom(findings.map(finding => ({ ...finding, state: 'failed' as const })))
  return { ...found, unit: 'problems' }
}

/** Where a tool prints only counts, and perhaps the names of what failed. */
export function countsOnly(counts: {
  passed: number
  failed: number
  skipped: number
  failing?: string[]
}): CheckTests {
  const { passed, failed, skipped } = counts
  const failing = [...new Set(counts.failing ?? [])]
  return { unit: 'tests', passed, failed, skipped, total: passed + failed + skipped, failing, cases: [] }
}

/** Tests of several parts of one check, e.g. of several runners. null when no part knows its tests. */
export function addTests(parts: (CheckTests | null)[]): CheckTests | null {
  const known = parts.filter(part => part !== null)
  if (known.length === 0) return null
  const sum = (pick: (part: CheckTests) => number) => known.reduce((total, part) => total + pick(part), 0)
  return {
    unit: known.every(({ unit }) => unit === 'problems') ? 'problems' : 'tests',
    passed: sum(part => part.passed),
    failed: sum(part => part.failed),
    skipped: sum(part => part.skipped),
    total: sum(part => part.total),
    failing: [...new Set(known.flatMap(part => part.failing))],
    cases: kept(known.flatMap(part => part.cases)),
  }
}

const shortened = (one: TestCase): TestCase => ({
  ...one,
  name: cut(one.name, NAME_CHARS),
  ...(one.message !== undefined && { message: cut(one.message, MESSAGE_CHARS) }),
})

const cut = (text: string, chars: number) => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text)

function kept(cases: TestCase[]): TestCase[] {
  if (cases.length <= MAX_CASES) return cases
  const failed = cases.filter(one => one.state === 'failed').slice(0, MAX_CASES)
  const others = cases.filter(one => one.state !== 'failed').slice(0, MAX_CASES - failed.length)
  return [...failed, ...others]
}

function uniquelyNamed(cases: TestCase[]): TestCase[] {
  const counts = new Map<string, number>()
  const taken = new Set<string>()
  return cases.map(one => {
    let count = (counts.get(one.name) ?? 0) + 1
    // Another test may be called like that already.
    while (taken.has(numbered(one.name, count))) count++
    counts.set(one.name, count)
    const name = numbered(one.name, count)
    taken.add(name)
    return name === one.name ? one : { ...one, name }
  })
}

const numbered = (name: string, count: number) => (count === 1 ? name : `${name} (${count})`)
