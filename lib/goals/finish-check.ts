// From a finished command to a CheckResult: the same last step for every goal.
import type { CheckTests } from './check-tests.ts'
import type { CheckContext, CheckResult } from './goal.ts'
import { judge } from './judge.ts'
import { asEvidence, type ReportedRun } from './run-with-report.ts'

interface Finished {
  /** As a person would type it. */
  command: string
  run: ReportedRun
  tests: CheckTests | null
  /** A known runner ended without a word about its tests. */
  isUnfinished?: boolean
  /** Why the check itself could not run, and what to do. */
  broken?: string | null
}

export async function finishCheck(
  { options }: CheckContext,
  { command, run, tests, isUnfinished = false, broken }: Finished,
): Promise<CheckResult> {
  const verdict = broken
    ? { achieved: false, reason: broken }
    : await judge({
        result: run,
        tests,
        condition: options.successCondition,
        timeoutMs: options.timeoutMs,
        isUnfinished,
      })
  return {
    ...verdict,
    command,
    exitCode: run.exitCode,
    durationMs: run.durationMs,
    bytes: run.bytes,
    ...asEvidence(run),
    tests,
    broken: Boolean(broken),
    ...(run.tampering && { tampering: run.tampering }),
  }
}

/** The check cannot even be started. */
export function brokenCheck(command: string, reason: string): CheckResult {
  return {
    achieved: false,
    reason,
    command,
    exitCode: null,
    durationMs: 0,
    output: '',
    truncated: false,
    bytes: 0,
    tests: null,
    broken: true,
  }
}
