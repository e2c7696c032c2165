// One of several goals, as events and answers tell of it.
import { compareTests } from '#lib/goals/compare-tests'
import type { CheckResult } from '#lib/goals/goal'

export const partOf = (part: CheckResult & { goal: string }) => ({
  goal: part.goal,
  achieved: part.achieved,
  reason: part.reason,
  command: part.command,
  exit_code: part.exitCode,
  duration_ms: Math.round(part.durationMs),
  broken: part.broken,
  tests: compareTests(null, part.tests),
  ...(part.measurement && { measurement: part.measurement }),
})
