// What an iteration did for the goal, in words: what signs and colours say is said by these too. Pure.
import { count, duration } from '#lib/client/format'
import type { Flag, Measurement, Progress } from '#lib/contract/events/shared'

export const TREND_WORD: Record<Progress['trend'], string> = {
  better: 'better',
  worse: 'worse',
  mixed: 'better and worse',
  same: 'no change',
  unknown: 'not comparable',
}

/** `2 fixed, 1 newly failing, better and worse`; for a label. */
export function progressWords(progress: Progress): string {
  const { fixed, newly_failing, trend } = progress
  const words = [
    fixed.length > 0 && `${fixed.length} fixed`,
    newly_failing.length > 0 && `${newly_failing.length} newly failing`,
    TREND_WORD[trend],
    sameWords(progress),
  ]
  return words.filter(Boolean).join(', ')
}

/** Only once it is a pattern: the same twice is what every first attempt may look like. */
export function sameWords({ same_for, trend }: Progress): string | null {
  return same_for >= 2 && trend !== 'better' ? `same for ${count(same_for, 'check')}` : null
}

/** `340 ms`, `72 points`. */
export function measured(value: number, unit: Measurement['unit']): string {
  return unit === 'ms' ? duration(value) : count(Math.round(value * 10) / 10, 'point')
}

/** `at most 300 ms`, `at least 80 points`. */
export const targetWords = ({ target, unit, better }: Measurement) =>
  `${better === 'lower' ? 'at most' : 'at least'} ${measured(target, unit)}`

/** Because of these a green check does not count; the others only inform. */
export function partedFlags(flags: readonly Flag[]): { blocking: Flag[]; informing: Flag[] } {
  return {
    blocking: flags.filter(flag => flag.blocks),
    informing: flags.filter(flag => !flag.blocks),
  }
}

interface Judged {
  achieved: boolean
  broken?: boolean
  flags: readonly Flag[]
}

/** The verdict of a check in a few words. A green one that is refused must not read like a red one, nor like a green one. */
export function verdictWord(check: Judged, isGreen: boolean): string {
  if (check.achieved) return 'met'
  if (check.broken) return 'cannot run'
  return isGreen && check.flags.some(flag => flag.blocks) ? 'does not count' : 'not met'
}

/** Whether the check itself said yes, whatever became of that. */
export function saidYes({
  achieved,
  broken,
  exit_code,
  tests,
}: {
  achieved: boolean
  broken: boolean
  exit_code: number | null
  tests: { failed: number; passed: number } | null
}): boolean {
  if (achieved || broken) return achieved
  return tests ? tests.failed === 0 && tests.passed > 0 : exit_code === 0
}
