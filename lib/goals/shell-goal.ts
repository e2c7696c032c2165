import type { Workspace } from '../workspace/workspace.ts'
import { checkFiles } from './check-files.ts'
import { callsIn } from './command-line.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { defineGoal, type GoalOptions } from './goal.ts'
import { readPackage } from './package-json.ts'
import { packageAt } from './package-scripts.ts'
import { type Runner, runnersIn, type Scripts } from './probe.ts'
import type { ProjectAtStart } from './project-at-start.ts'
import { readText } from './project-files.ts'
import { runTests } from './run-tests.ts'
import {
  CARGO_GOVERNS,
  CARGO_KEYS,
  CARGO_TESTS,
  GO_GOVERNS,
  GO_TESTS,
  JS_GOVERNS,
  JS_KEYS,
  JS_TESTS,
  MAKE_FILES,
  PYTHON_GOVERNS,
  PYTHON_KEYS,
  PYTHON_TESTS,
} from './test-files.ts'
import { ANY_TOOL } from './tool-identities.ts'

export const shellGoal = defineGoal({
  name: 'shell-goal',
  title: 'A command succeeds',
  description:
    'Runs the check_command you give; exit code 0 decides, or the success_condition. The tests of known runners are counted.',
  needsCommand: true,

  async protect({ checkCommand }, _workspace, start) {
    if (checkCommand === null) return []
    const runners = await runnersAtStart(checkCommand, start)
    return [...new Set(runners.flatMap(runner => TESTS_OF[runner]))]
  },
  protectKeys: [...PYTHON_KEYS, ...JS_KEYS, ...CARGO_KEYS],
  // Whatever the command runs: each of these governs nothing but its own tool.
  governs: [...MAKE_FILES, ...PYTHON_GOVERNS, ...JS_GOVERNS, ...CARGO_GOVERNS, ...GO_GOVERNS],

  tool: ANY_TOOL,

  prompt(options) {
    const goal = options.text === 'shell-goal' ? '' : `The goal: ${options.text}\n\n`
    return (
      `${goal}It is judged by \`${options.checkCommand}\`, which the server itself runs after each of your attempts and ` +
      `which must ${condition(options)}. Changes to the tests and scripts that this command consists of do not count.`
    )
  },

  async check(context) {
    const { workspace, options } = context
    const command = options.checkCommand
    if (command === null) return brokenCheck('', 'This goal needs a check_command')
    const { run, tests, isUnfinished } = await runTests(context, {
      command,
      scripts: await scriptsOf(workspace),
      runners: await runnersOf(command, workspace),
      env: { CI: 'true', PYTHONDONTWRITEBYTECODE: '1' },
    })
    const broken = run.timedOut ? null : commandProblem(command, run)
    return finishCheck(context, { command, run, tests, isUnfinished, broken })
  },
})

function condition({ successCondition, timeoutMs }: GoalOptions): string {
  const { exit_code = 0, output_contains, output_regex, max_seconds } = successCondition ?? {}
  return [
    exit_code === 'any' ? 'end' : `end with exit code ${exit_code}`,
    `within ${Math.min(max_seconds ?? Number.POSITIVE_INFINITY, timeoutMs / 1000)} seconds`,
    output_contains !== undefined && `and print ${JSON.stringify(output_contains)}`,
    output_regex !== undefined && `and print something that matches /${output_regex}/m`,
  ]
    .filter(part => part !== false)
    .join(' ')
}

const TESTS_OF: Record<Runner, string[]> = {
  pytest: PYTHON_TESTS,
  unittest: PYTHON_TESTS,
  node: JS_TESTS,
  vitest: JS_TESTS,
  jest: JS_TESTS,
  mocha: JS_TESTS,
  bun: JS_TESTS,
  deno: JS_TESTS,
  cargo: CARGO_TESTS,
  go: GO_TESTS,
}

/** By what the project was at the start: which files are tests must not depend on what the agent wrote. */
async function runnersAtStart(command: string, start: ProjectAtStart): Promise<Runner[]> {
  const scripts = (await packageAt(start, ''))?.scripts ?? {}
  const found = new Set(runnersIn(command, scripts))
  const { patterns } = await checkFiles(command, start)
  for (const path of patterns.filter(one => /\.(sh|bash|bats)$/.test(one)).slice(0, 20))
    for (const runner of runnersIn((await start.text(path.replaceAll('\\', ''))) ?? '', scripts))
      found.add(runner)
  return [...found]
}

/** The runners of the command, of the npm scripts it runs, and of the shell scripts it names. */
export async function runnersOf(command: string, workspace: Workspace): Promise<Runner[]> {
  const scripts = await scriptsOf(workspace)
  const found = new Set(runnersIn(command, scripts))
  const files = new Set(
    callsIn(command)
      .flat()
      .filter(word => /\.(sh|bash)$/.test(word)),
  )
  for (const file of [...files].slice(0, 5))
    for (const runner of runnersIn((await readText(workspace, file)) ?? '', scripts)) found.add(runner)
  return [...found]
}

export async function scriptsOf(workspace: Workspace): Promise<Scripts> {
  const found = await readPackage(workspace)
  return typeof found === 'string' ? {} : found.scripts
}
