// The check of a goal that is one program of another language: find it, run it so that it reports, learn its tests.
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'
import { withoutAnsi } from './command-line.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import type { CheckContext, CheckResult } from './goal.ts'
import { type Probe, type ReportedRun, runWithReport } from './run-with-report.ts'
import { withVersion } from './tool-version.ts'

export interface ProgramCheck {
  /** As a person would type it, for the words of a check that cannot start. */
  usual: string
  tool: { program: string; version?: string }
  /** The command, or why there is none and what to do. Not asked when the user gave one, or an earlier check had one. */
  find(context: CheckContext): Promise<Found>
  /** How the command is made to report; null when it cannot be, as with several commands in a row. */
  probe(command: string): Probe | null
  env?: Record<string, string>
  /** The tests, from the report where there is one, and from what was printed; null when neither says anything. */
  tests(run: ReportedRun): CheckTests | null
  /** What is printed where the program prints for other programs. */
  readable?(output: string): string
  /** What is to be done where there is nothing at all to run; `output` is without colours. */
  nothingToRun(output: string, exitCode: number | null): string | null
}

export type Found = { command: string } | { missing: string }

export async function checkWithProgram(context: CheckContext, check: ProgramCheck): Promise<CheckResult> {
  const given = context.options.checkCommand ?? context.pinned ?? null
  const found = given === null ? await check.find(context) : { command: given }
  if ('missing' in found) return brokenCheck(check.usual, found.missing)
  const { command } = found
  const probe = check.probe(command)
  const { readable } = check
  const shown: CheckContext =
    readable && context.onOutput ? { ...context, onOutput: byLine(readable, context.onOutput) } : context
  const { done, tools } = await withVersion(context, command, check.tool, () =>
    runWithReport(shown, { command, probe, env: { CI: 'true', ...check.env } }),
  )
  const tests = check.tests(done)
  const run = readable ? { ...done, output: readable(done.output) } : done
  const broken = run.timedOut
    ? null
    : (commandProblem(command, run) ??
      (tests !== null && tests.total > 0
        ? null
        : check.nothingToRun(withoutAnsi(run.output.slice(-SEARCHED_CHARS)), run.exitCode)))
  const isUnfinished = tests === null && probe?.alwaysReports === true
  return { ...(await finishCheck(context, { command, run, tests, isUnfinished, broken })), tools }
}
const SEARCHED_CHARS = 512 * 1024

/** Whole lines only, so that each can be read. */
function byLine(readable: (output: string) => string, onOutput: (chunk: string) => void) {
  let held = ''
  return (chunk: string) => {
    const text = held + chunk
    const end = text.lastIndexOf('\n') + 1
    held = text.slice(end)
    const said = readable(text.slice(0, end))
    if (said !== '') onOutput(said)
  }
}

/** The tests with more cases, e.g. what a compiler said; null when there are none at all. */
export function withMore(tests: CheckTests | null, more: TestCase[]): CheckTests | null {
  return more.length === 0 ? tests : testsFrom([...(tests?.cases ?? []), ...more])
}

/** Several findings with one name become one: compilers say the same for each of their targets. */
export function oncePerName(cases: TestCase[]): TestCase[] {
  const found = new Map<string, TestCase>()
  for (const one of cases) if (!found.has(one.name)) found.set(one.name, one)
  return [...found.values()].slice(0, MAX_FINDINGS)
}
const MAX_FINDINGS = 1000

/** Lines without colours, each cut to what patterns can be tried on without end. */
export const shortLines = (output: string) =>
  withoutAnsi(output)
    .split('\n')
    .map(line => line.slice(0, LINE_CHARS))
const LINE_CHARS = 2000
