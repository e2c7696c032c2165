import type { Workspace } from '../workspace/workspace.ts'
import { baseName, callsIn } from './command-line.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { defineGoal, type GoalOptions } from './goal.ts'
import { readPackage } from './package-json.ts'
import { type Runner, runnersIn, type Scripts } from './probe.ts'
import { kindOf, readText } from './project-files.ts'
import { runTests } from './run-tests.ts'
import { CARGO_TESTS, GO_TESTS, isNamedAsTest, JS_TESTS, PYTHON_TESTS } from './test-files.ts'

export const shellGoal = defineGoal({
  name: 'shell-goal',
  title: 'A command succeeds',
  description:
    'Runs the check_command you give; exit code 0 decides, or the success_condition. The tests of known runners are counted.',
  needsCommand: true,

  async protect({ checkCommand }, workspace) {
    if (checkCommand === null) return []
    const named = await judgesNamedBy(checkCommand, workspace)
    const runners = await runnersOf(checkCommand, workspace)
    return [...new Set([...named, ...runners.flatMap(runner => TESTS_OF[runner])])]
  },

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
  cargo: CARGO_TESTS,
  go: GO_TESTS,
}

/**
 * The files and folders of the project that the command names and that judge rather than are judged. A command such as
 * `python main.py | grep ok` names the work itself, and protecting that would refuse every honest change. So only what
 * is called like a test or a check counts (`verify.py`, `test/`), and shell scripts and makefiles, which drive other programs.
 */
async function judgesNamedBy(command: string, workspace: Workspace): Promise<string[]> {
  const calls = callsIn(command)
  const words = new Set(calls.flat().map(word => word.replace(/::.*$/s, '').replace(/^(\.\/)+|\/+$/g, '')))
  const patterns: string[] = []
  for (const word of [...words].slice(0, 100)) {
    if (word === '' || word === '.' || word.startsWith('/') || word.startsWith('-')) continue
    const isJudge = isNamedAsTest(baseName(word)) || /\.(sh|bash|bats|mk)$/.test(word)
    if (!isJudge || word.split('/').includes('..')) continue
    const kind = await kindOf(workspace, word)
    if (kind === 'file') patterns.push(literally(word))
    if (kind === 'folder') patterns.push(`${literally(word)}/**`)
  }
  const usesMake = calls.some(call => call.some(word => /^g?make$/.test(baseName(word))))
  return usesMake ? [...patterns, '**/GNUmakefile', '**/makefile', '**/Makefile', '**/*.mk'] : patterns
}

/** A path as a pattern that matches only itself. */
export const literally = (path: string) => path.replace(/[\\*?()[\]{}!+@|]/g, '\\$&')

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
