import type { CheckTests } from './check-tests.ts'
import { withoutAnsi } from './command-line.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { jsTestSetup } from './js-test-setup.ts'
import { type Package, readPackage } from './package-json.ts'
import { kindOf } from './project-files.ts'
import { runTests } from './run-tests.ts'
import type { ReportedRun } from './run-with-report.ts'
import { JS_GOVERNS, JS_KEYS, JS_TESTS } from './test-files.ts'
import { NPM_SCRIPT_TOOLS } from './tool-identities.ts'

export const npmTest = defineGoal({
  name: 'npm-test',
  title: 'npm test passes',
  description:
    'Runs the test script of package.json (with pnpm or yarn where their lock file says so) and counts the tests of ' +
    'node’s runner, vitest, jest and mocha; for others the exit code decides.',
  needsCommand: false,

  async protect(_options, workspace) {
    return [...JS_TESTS, ...(await jsTestSetup(workspace))]
  },
  protectKeys: JS_KEYS,
  governs: JS_GOVERNS,

  tool: NPM_SCRIPT_TOOLS,

  prompt: ({ checkCommand }) =>
    `The goal: the tests of this package pass. It is judged by \`${checkCommand ?? 'npm test'}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes to test files, snapshots, the test ' +
    'configuration and the test script do not count, and skipped tests are not passed tests.',

  async check(context) {
    const { workspace, options } = context
    const found = await readPackage(workspace)
    const shown = options.checkCommand ?? 'npm test'
    if (typeof found === 'string') return brokenCheck(shown, found)
    const missing = options.checkCommand === null ? scriptProblem(found) : null
    if (missing) return brokenCheck(shown, missing)
    const command = options.checkCommand ?? context.pinned ?? (await testCommand(context))
    const { run, tests, isUnfinished } = await runTests(context, {
      command,
      scripts: found.scripts,
      // CI keeps runners from watching files for ever.
      env: { CI: 'true', npm_config_update_notifier: 'false', npm_config_fund: 'false' },
    })
    const broken = run.timedOut
      ? null
      : (commandProblem(command, run) ?? (await missingPackages(context, found, run)) ?? noTests(run, tests))
    return finishCheck(context, { command, run, tests, isUnfinished, broken })
  },

  async detect(workspace) {
    const found = await readPackage(workspace)
    if (typeof found === 'string' || scriptProblem(found)) return null
    return { why: `package.json has a test script: ${JSON.stringify(found.scripts.test?.slice(0, 100))}` }
  },
})

function scriptProblem({ scripts }: Package): string | null {
  const script = scripts.test?.trim()
  if (!script)
    return 'package.json has no test script; add one under "scripts", e.g. "test": "node --test", or give a check_command'
  // What `npm init` writes.
  if (/no test specified/.test(script))
    return 'package.json has only npm’s placeholder for a test script; replace it, or give a check_command'
  return null
}

/** The package manager whose lock file is there, if it is installed; else npm. */
async function testCommand({ workspace, signal }: CheckContext): Promise<string> {
  for (const [lockFile, manager] of [
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
  ] as const) {
    if ((await kindOf(workspace, lockFile)) !== 'file') continue
    const { exitCode } = await workspace.run({
      command: `command -v ${manager}`,
      timeoutMs: 10_000,
      signal,
    })
    if (exitCode === 0) return `${manager} test`
  }
  return 'npm test'
}

/** Nothing to pass: to say so before a model is called saves its price. */
function noTests({ exitCode, output }: ReportedRun, tests: CheckTests | null): string | null {
  const foundNone =
    tests?.total === 0 || (exitCode !== 0 && NO_TESTS_FOUND.test(withoutAnsi(output.slice(-SEARCHED_CHARS))))
  return foundNone ? 'No tests were found: write some, or give a check_command that judges the goal' : null
}
const SEARCHED_CHARS = 256 * 1024
const NO_TESTS_FOUND = /^(?:No tests found, exiting|No test files found, exiting|Error: No test files found)/m

/** Failing for want of node_modules is not for the agent to repair: the network may be off. */
async function missingPackages(
  { workspace }: CheckContext,
  { dependencies }: Package,
  run: ReportedRun,
): Promise<string | null> {
  if (run.exitCode === 0 || dependencies.length === 0) return null
  if ((await kindOf(workspace, 'node_modules')) === 'folder') return null
  const output = withoutAnsi(run.output.slice(-SEARCHED_CHARS))
  const missing = [...output.matchAll(/Cannot find (?:module|package) '((?:@[^/']+\/)?[^/'.][^/']*)/g)]
  const isDeclared = missing.some(([, name]) => dependencies.includes(name!))
  return run.exitCode === 127 || isDeclared
    ? 'The packages of the project are not installed (there is no node_modules): run npm install in it'
    : null
}
