// What an attempt did for the goal, from two checks.
import type { Payload } from '#lib/contract/event'
import type { Measurement, Progress } from '#lib/contract/events/shared'

type Check = Payload<'goal_check'>

/** A measurement wobbles by itself; less than this is no progress. */
const MARGIN = 0.02

/** What fails, as text that is the same for the same failures: names where there are some, else what the check printed. */
export function failuresOf(check: Check): string {
  if (check.tests && (check.tests.failing.length > 0 || check.tests.failed === 0))
    return JSON.stringify([check.broken, check.tests.failed, [...check.tests.failing].sort()])
  if (check.measurement) return JSON.stringify([check.broken, check.exit_code])
  const printed = check.judged ? '' : steady(check.output.slice(-4000))
  return JSON.stringify([check.broken, check.exit_code, check.tests?.failed ?? null, printed])
}

/** Times, addresses and counts differ from one run of the same command to the next. */
const steady = (text: string) => text.replace(/0x[\da-f]+|\d+/gi, '#')

export function isBetter(measured: Measurement | undefined, best: number | null): boolean {
  if (!measured || best === null) return false
  const margin = Math.abs(best) * MARGIN
  return measured.better === 'lower' ? measured.value < best - margin : measured.value > best + margin
}

/** `sameFor`: checks in a row with the same failures before this one. */
export function progressOf(before: Check | null, now: Check, sameFor: number): Progress {
  const failingBefore = before?.tests?.failed ?? null
  const failingAfter = now.tests?.failed ?? null
  const fixed = now.tests?.fixed ?? []
  const newly = now.tests?.newly_failing ?? []
  const isSame = before !== null && failuresOf(before) === failuresOf(now)
  return {
    failing_before: failingBefore,
    failing_after: failingAfter,
    fixed,
    newly_failing: newly,
    trend: now.achieved ? 'better' : trendOf({ before, now, isSame }),
    same_for: isSame ? sameFor + 1 : 1,
  }
}

function trendOf({
  before,
  now,
  isSame,
}: {
  before: Check | null
  now: Check
  isSame: boolean
}): Progress['trend'] {
  if (now.measurement && before?.measurement) {
    if (isBetter(now.measurement, before.measurement.value)) return 'better'
    const turned = {
      ...now.measurement,
      better: now.measurement.better === 'lower' ? 'higher' : 'lower',
    } as const
    return isBetter(turned, before.measurement.value) ? 'worse' : 'same'
  }
  if (!before?.tests || !now.tests) return isSame ? 'same' : 'unknown'
  const { fixed, newly_failing: newly } = now.tests
  if (fixed.length > 0 && newly.length > 0) return 'mixed'
  if (fixed.length > 0 || now.tests.failed < before.tests.failed) return 'better'
  if (newly.length > 0 || now.tests.failed > before.tests.failed) return 'worse'
  return 'same'
}
