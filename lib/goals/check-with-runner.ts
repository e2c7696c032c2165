// The check of a goal that is one test runner: find it, run it, learn its tests.
import type { CheckTests } from './check-tests.ts'
import { withoutAnsi } from './command-line.ts'
import { commandProblem, isProgramMissing } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import type { CheckContext, CheckResult } from './goal.ts'
import { readPackage } from './package-json.ts'
import type { Runner } from './probe.ts'
import { runTests } from './run-tests.ts'
import { withVersion } from './tool-version.ts'

interface RunnerCheck {
  runner: Runner
  /** As a person would type it, for the words of a check that cannot start. */
  usual: string
  /** The command, or null when the runner is not there. Not asked when the user gave one, or an earlier check had one. */
  find(context: CheckContext): Promise<string | null>
  /** What to do when it is not there. */
  missing(context: CheckContext): Promise<string>
  /** What the runner prints when it cannot start at all, e.g. because of its own configuration. */
  cannotStart: RegExp
  /** What it prints when there is nothing to run. */
  noTests: RegExp
  /** Where it looks for tests. */
  advice: string
}

export async function checkWithRunner(context: CheckContext, check: RunnerCheck): Promise<CheckResult> {
  const { workspace, options } = context
  const command = options.checkCommand ?? context.pinned ?? (await check.find(context))
  if (command === null) return brokenCheck(check.usual, await check.missing(context))
  const found = await readPackage(workspace)
  const { done, tools } = await withVersion(context, command, { program: check.runner }, () =>
    runTests(context, {
      command,
      scripts: typeof found === 'string' ? {} : found.scripts,
      runners: [check.runner],
      // CI keeps runners from watching files for ever, and from writing snapshots that pass by being new.
      env: { CI: 'true' },
    }),
  )
  const { run, tests, isUnfinished } = done
  const isMissing = tests === null && run.exitCode !== 0 && isProgramMissing(check.runner, run.output)
  const broken = run.timedOut
    ? null
    : isMissing
      ? await check.missing(context)
      : (commandProblem(command, run) ?? startProblem(check, run.output, run.exitCode, tests))
  return { ...(await finishCheck(context, { command, run, tests, isUnfinished, broken })), tools }
}

function startProblem(
  { runner, cannotStart, noTests, advice }: RunnerCheck,
  whole: string,
  exitCode: number | null,
  tests: CheckTests | null,
): string | null {
  if (tests !== null && tests.total > 0) return null
  const output = withoutAnsi(whole.slice(-SEARCHED_CHARS))
  if (tests?.total === 0 || noTests.test(output)) return `No tests were found: ${advice}`
  const line = exitCode === 0 ? null : cannotStart.exec(output)
  if (!line) return null
  const said = output
    .slice(line.index)
    .split('\n')
    .map(text => text.trim())
    .filter(text => text !== '')
  return `${runner} cannot be started: ${said.slice(0, 3).join(' ').slice(0, 400)}`
}
const SEARCHED_CHARS = 256 * 1024
