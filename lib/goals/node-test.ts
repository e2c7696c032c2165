import { checkWithRunner } from './check-with-runner.ts'
import { findTool } from './find-tool.ts'
import { defineGoal } from './goal.ts'
import { JS_TESTS } from './test-files.ts'

export const nodeTest = defineGoal({
  name: 'node-test',
  title: 'All tests of node’s own runner pass',
  description: 'Runs node --test and counts its tests with a reporter of our own.',
  needsCommand: false,

  async protect() {
    return [...JS_TESTS, '**/{test-*,*-test,*_test,test}.{js,mjs,cjs,ts,mts,cts}']
  },
  governs: ['node.config.json'],
  tool: { programs: ['node'] },

  prompt: ({ checkCommand }) =>
    `The goal: all tests of node’s test runner pass. It is judged by \`${checkCommand ?? 'node --test'}\`, which the server ` +
    'itself runs after each of your attempts. Fix the code, not the tests: changes to test files do not count, and skipped ' +
    'or unfinished tests are not passed tests.',

  check: context =>
    checkWithRunner(context, {
      runner: 'node',
      usual: 'node --test',
      find: async () => {
        const found = await findTool(context, { program: 'node', from: null })
        return found && `${found} --test`
      },
      missing: async () => 'node is not in the PATH of the server; install Node 20 or newer',
      cannotStart: /^.*node: bad option.*$/m,
      noTests: /^Could not find /m,
      advice:
        'node --test looks for *.test.js, *-test.js, test-*.js and files in test/; for others give a check_command',
    }),

  async detect(workspace) {
    const { output } = await workspace.run({
      command:
        "find . -maxdepth 5 \\( -name node_modules -o -name '.?*' \\) -prune -o -type f -name '*.[cm]js' -print0 -o -type f -name '*.js' -print0 " +
        `| head -c 200000 | xargs -0 grep -l "['\\"]node:test['\\"]" | sort | sed -n 's|^\\./|found |p' | head -n 1`,
      timeoutMs: 10_000,
    })
    const file = /^found (.+)$/m.exec(output)?.[1]
    return file === undefined ? null : { why: `${file} uses node:test` }
  },
})
