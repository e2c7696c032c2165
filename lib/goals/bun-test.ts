import { checkWithRunner } from './check-with-runner.ts'
import { findTool } from './find-tool.ts'
import { defineGoal } from './goal.ts'
import { firstFile } from './js-project.ts'
import { jsTestSetup } from './js-test-setup.ts'
import { readPackage } from './package-json.ts'
import { JS_TESTS } from './test-files.ts'

export const bunTest = defineGoal({
  name: 'bun-test',
  title: 'All bun tests pass',
  description: 'Runs bun test and reads its tests from its JUnit report.',
  needsCommand: false,

  async protect(_options, workspace) {
    return [
      ...JS_TESTS,
      '**/*_{test,spec}.{js,jsx,ts,tsx,mjs,cjs,mts,cts}',
      ...(await jsTestSetup(workspace)),
    ]
  },
  protectKeys: [{ file: 'bunfig.toml', path: ['test'] }],
  governs: ['bunfig.toml'],
  tool: {
    programs: ['bun'],
    npmPackages: ['bun', '@oven/*'],
    homeFiles: ['.bunfig.toml', '.config/.bunfig.toml'],
  },

  prompt: ({ checkCommand }) =>
    `The goal: all bun tests of this project pass. It is judged by \`${checkCommand ?? 'bun test'}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes to test files, snapshots and the [test] part of ' +
    'bunfig.toml do not count, and skipped tests are not passed tests.',

  check: context =>
    checkWithRunner(context, {
      runner: 'bun',
      usual: 'bun test',
      find: async () => {
        const found = await findTool(context, { program: 'bun', from: 'npm' })
        return found && `${found} test`
      },
      missing: async () =>
        'bun is not installed on the server: npm install -g bun, or as https://bun.com/docs/installation says',
      cannotStart:
        /^.*(?:error: (?:Invalid Bunfig|preload not found|Unrecognized|The argument)|Invalid Argument).*$/m,
      noTests: /^(?:No tests found!|The following filters did not match any test files)/m,
      advice: 'bun looks for files named *.test.*, *_test.*, *.spec.* or *_spec.*',
    }),

  async detect(workspace) {
    const file = await firstFile(workspace, ['bun.lock', 'bun.lockb', 'bunfig.toml'])
    const found = await readPackage(workspace)
    const script = typeof found === 'string' ? '' : (found.scripts.test?.trim() ?? '')
    if (/^(?:\S*\/)?bun(?: --\S+)* test\b/.test(script))
      return { why: `package.json tests with ${JSON.stringify(script.slice(0, 100))}` }
    const hasOther =
      typeof found !== 'string' && found.dependencies.some(name => name === 'vitest' || name === 'jest')
    const isOpen = script === '' || /no test specified/.test(script)
    return file !== null && isOpen && !hasOther
      ? { why: `there is a ${file}, and no other test script` }
      : null
  },
})
