// What changed between two checks, by the names of the failing tests.
import type { TestCounts } from '../contract/events/shared.ts'
import type { CheckTests } from './check-tests.ts'

/** Names kept per list: a run's journal is not the place for ten thousand of them. */
export const MAX_NAMES = 200

/**
 * The counts of `current` as they stand in events. A test that `previous` did not know and that fails now is newly
 * failing; with no previous check nothing is new and nothing is fixed. A failing test that vanished without the number
 * of tests dropping is fixed; the caller flags a drop in the number by itself.
 */
export function compareTests(
  previous: Pick<TestCounts, 'failing'> | null,
  current: CheckTests | null,
): TestCounts | null {
  if (current === null) return null
  const failing = [...new Set(current.failing)]
  const before = new Set(previous?.failing ?? [])
  const now = new Set(failing)
  return {
    passed: current.passed,
    failed: current.failed,
    skipped: current.skipped,
    total: current.total,
    failing: failing.slice(0, MAX_NAMES),
    newly_failing: previous ? failing.filter(name => !before.has(name)).slice(0, MAX_NAMES) : [],
    fixed: [...before].filter(name => !now.has(name)).slice(0, MAX_NAMES),
    unit: current.unit,
    details: detailsOf(current, before),
  }
}

const MAX_DETAILS = 50
const DETAIL_CHARS = 600

/** What the tool says of the failing ones; those that fail only now first. */
function detailsOf({ cases }: CheckTests, before: Set<string>): TestCounts['details'] {
  const failed = cases.filter(one => one.state === 'failed')
  const ordered = [
    ...failed.filter(({ name }) => !before.has(name)),
    ...failed.filter(({ name }) => before.has(name)),
  ]
  return ordered.slice(0, MAX_DETAILS).map(({ name, message, file, line }) => ({
    name,
    message: message?.slice(0, DETAIL_CHARS) ?? null,
    file: file ?? null,
    line: line ?? null,
  }))
}
