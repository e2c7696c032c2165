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

/**
 * Whether an attempt left everything as it was: the same tests fail, or nothing got faster. A check that names nothing may
 * come nearer unseen, so there only an attempt without a single call counts.
 */
export function leftAsItWas(
  before: Check | null,
  now: Check,
  { best, calls }: { best: number | null; calls: number },
): boolean {
  if (before === null || failuresOf(before) !== failuresOf(now)) return false
  if (now.measurement) return !isBetter(now.measurement, best)
  return (now.tests?.failing.length ?? 0) > 0 || calls === 0
}

/** Times, addresses and counts differ from one run of the same command to the next. */
const steady = (text: string) => text.replace(/0x[\da-f]+|\d+/gi, '#')

export function isBetter(measured: Measurement | undefined, best: number | null): boolean {
  if (!measured || best === null) return false
  const margin = Math.abs(best) * MARGIN
  return measured.better === 'lower' ? measured.value < best - margin : measured.value > best + margin
}

export interface Before {
  lastCheck: Check | null
  /** Checks in a row with the same failures, the last one included. */
  sameFor: number
  best: number | null
  /** Answers of this attempt that called something besides the check. */
  ran: readonly unknown[]
}

export function progressOf({ lastCheck: before, sameFor, best, ran }: Before, now: Check): Progress {
  const failingBefore = before?.tests?.failed ?? null
  const failingAfter = now.tests?.failed ?? null
  const fixed = now.tests?.fixed ?? []
  const newly = now.tests?.newly_failing ?? []
  const isSame = leftAsItWas(before, now, { best, calls: ran.length })
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
