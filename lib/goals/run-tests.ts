// Runs a command and learns as much about its tests as it safely can: from a report, else from the printed summary.
import type { CheckTests } from './check-tests.ts'
import type { CheckContext } from './goal.ts'
import { probeFor, type Runner, runnersIn, type Scripts } from './probe.ts'
import { type Probe, type ReportedRun, runWithReport } from './run-with-report.ts'
import { readSummaries } from './summaries.ts'

interface Options {
  command: string
  env?: Record<string, string>
  /** package.json's scripts: `npm test` is judged by what it runs. */
  scripts?: Scripts
  /** Runners the command is known to start besides those its text shows. */
  runners?: Runner[]
  /** Default: what fits the command. */
  probe?: Probe | null
}

interface TestRun {
  run: ReportedRun
  tests: CheckTests | null
  /** A runner that always reports did not: it did not come to its end. */
  isUnfinished: boolean
}

export async function runTests(context: CheckContext, options: Options): Promise<TestRun> {
  const { command, scripts, env } = options
  const probe =
    options.probe === undefined ? probeFor(command, context.workspace.root, scripts) : options.probe
  const runners = [...new Set([...runnersIn(command, scripts), ...(options.runners ?? [])])]
  const first = await runWithReport(context, { command, probe, ...(env && { env }) })
  const tests = first.tests ?? readSummaries(first.output, runners)
  // Our own options may be what an old or unusually configured runner stumbles over: then without them.
  const isOurFault =
    probe !== null && tests === null && first.exitCode !== 0 && OUR_OPTIONS.test(first.output)
  if (!isOurFault || first.timedOut) {
    // A program can end a runner early with exit code 0, and print whatever a runner prints.
    const isCutShort = first.tests === null && !first.isTooLarge && first.exitCode === 0
    return {
      run: first,
      tests,
      isUnfinished: probe?.alwaysReports === true && (isCutShort || tests === null),
    }
  }
  const run = await runWithReport(context, { command, probe: null, ...(env && { env }) })
  return { run, tests: readSummaries(run.output, runners), isUnfinished: false }
}

const OUR_OPTIONS =
  /test-reporter|options\.reporters|outputFile|junit-?xml|NODE_OPTIONS|retrai_(watch|unittest)/
