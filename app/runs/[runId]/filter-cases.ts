// Which of a check's cases are shown. Pure.
import type { Evidence } from '#lib/contract/evidence'

export type TestCase = NonNullable<Evidence['tests']>['cases'][number]
export const CASE_STATES = ['failed', 'passed', 'skipped'] as const
export type CaseState = (typeof CASE_STATES)[number]

/** Those in one of the states (none chosen: all) whose name, file or message has every word; the failed come first. */
export function filterCases(
  cases: readonly TestCase[],
  { states, words }: { states: readonly CaseState[]; words: string },
): TestCase[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const found = cases.filter(one => {
    if (states.length > 0 && !states.includes(one.state)) return false
    if (wanted.length === 0) return true
    const text = `${one.name}\n${one.file ?? ''}\n${one.message ?? ''}`.toLowerCase()
    return wanted.every(word => text.includes(word))
  })
  const order = (one: TestCase) => CASE_STATES.indexOf(one.state)
  return found.toSorted((a, b) => order(a) - order(b))
}

export function countStates(cases: readonly TestCase[]): Record<CaseState, number> {
  const counts = { failed: 0, passed: 0, skipped: 0 }
  for (const one of cases) counts[one.state] += 1
  return counts
}
