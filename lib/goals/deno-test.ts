import { z } from 'zod'
import type { Workspace } from '../workspace/workspace.ts'
import { checkWithRunner } from './check-with-runner.ts'
import { findTool } from './find-tool.ts'
import { defineGoal } from './goal.ts'
import { firstFile, parseJsonc } from './js-project.ts'
import { runnersIn } from './probe.ts'
import { readText } from './project-files.ts'
import { JS_TESTS } from './test-files.ts'

const CONFIGS = ['deno.json', 'deno.jsonc']

export const denoTest = defineGoal({
  name: 'deno-test',
  title: 'All deno tests pass',
  description:
    'Runs the test task of deno.json where it is a plain deno test, else deno test, and reads its tests from its JUnit report.',
  needsCommand: false,

  async protect() {
    return [...JS_TESTS, '**/*_test.{js,jsx,ts,tsx,mjs,mts}']
  },
  protectKeys: ['test', 'tasks', 'compilerOptions', 'exclude'].map(key => ({
    file: 'deno.json',
    path: [key],
  })),
  governs: CONFIGS,
  tool: { programs: ['deno'], npmPackages: ['deno', '@deno/*'] },

  prompt: ({ checkCommand }) =>
    `The goal: all deno tests of this project pass. It is judged by \`${checkCommand ?? 'deno test'}\`, which the server ` +
    'itself runs after each of your attempts. Fix the code, not the tests: changes to test files, snapshots, the test task ' +
    'and the test settings of deno.json do not count, and ignored tests are not passed tests.',

  check: context =>
    checkWithRunner(context, {
      runner: 'deno',
      usual: 'deno test',
      find: async ({ workspace }) => {
        const found = await findTool(context, { program: 'deno', from: 'npm' })
        return found && `${found} ${await taskArguments(workspace)}`
      },
      missing: async () =>
        'deno is not installed on the server: npm install -g deno, or as https://docs.deno.com/runtime/getting_started/installation says',
      cannotStart:
        /^error: (?:Failed deserializing config|Failed to parse|Unable to parse config|Unsupported|unexpected argument|Could not find a? ?config|Invalid ).*$/m,
      noTests: /^error: No test modules found/m,
      advice: 'deno looks for files named *_test.*, *.test.* or test.*',
    }),

  async detect(workspace) {
    const file = await firstFile(workspace, CONFIGS)
    return file === null ? null : { why: `${file} configures deno` }
  },
})

const Task = z.union([z.string(), z.object({ command: z.string() }).transform(({ command }) => command)])
const Config = z.object({ tasks: z.object({ test: Task }) })

/** What the task of the project gives deno's runner, its permissions above all; else `test`. */
async function taskArguments(workspace: Workspace): Promise<string> {
  for (const file of CONFIGS) {
    const config = Config.safeParse(parseJsonc((await readText(workspace, file)) ?? ''))
    if (!config.success) continue
    const task = config.data.tasks.test.trim()
    const isPlain = /^deno test\b[^|&;<>()$`#\n]*$/.test(task) && !task.includes('--watch')
    if (isPlain && runnersIn(task).includes('deno')) return task.slice('deno '.length)
  }
  return 'test'
}
