import { checkWithRunner } from './check-with-runner.ts'
import { findTool } from './find-tool.ts'
import { defineGoal } from './goal.ts'
import { npmHint } from './install-hint.ts'
import { CODE_ENDINGS, configuredOrNeeded } from './js-project.ts'
import { jsTestSetup } from './js-test-setup.ts'
import { JS_TESTS } from './test-files.ts'

const CONFIGS = CODE_ENDINGS.flatMap(ending => [`vitest.config.${ending}`, `vitest.workspace.${ending}`])

export const vitest = defineGoal({
  name: 'vitest',
  title: 'All vitest tests pass',
  description: 'Runs the project’s vitest once and reads its tests from its JSON report.',
  needsCommand: false,

  async protect(_options, workspace) {
    return [...JS_TESTS, ...(await jsTestSetup(workspace))]
  },
  protectKeys: [{ file: 'package.json', path: ['vitest'] }],
  governs: ['**/vitest.config.*', '**/vitest.workspace.*', '**/vite.config.*'],
  tool: { programs: ['vitest'], npmPackages: ['vitest', '@vitest/*'] },

  prompt: ({ checkCommand }) =>
    `The goal: all vitest tests of this project pass. It is judged by \`${checkCommand ?? 'vitest run'}\`, which the server ` +
    'itself runs after each of your attempts. Fix the code, not the tests: changes to test files, snapshots and vitest’s ' +
    'configuration do not count, and skipped tests are not passed tests.',

  check: context =>
    checkWithRunner(context, {
      runner: 'vitest',
      usual: 'vitest run',
      find: async () => {
        const found = await findTool(context, { program: 'vitest', from: 'npm' })
        return found && `${found} run`
      },
      missing: ({ workspace }) => npmHint(workspace, 'vitest'),
      cannotStart:
        /^.*(?:failed to load config|Startup Error|CACError|Unknown option|Missing dependency|MISSING DEPENDENCY).*$/m,
      noTests: /^No test files found, exiting/m,
      advice: 'vitest looks for files named *.test.* or *.spec.*, or as its configuration says',
    }),

  async detect(workspace) {
    const why = await configuredOrNeeded(workspace, { name: 'vitest', configs: CONFIGS })
    return why === null ? null : { why }
  },
})
