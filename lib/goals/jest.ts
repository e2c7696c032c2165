import { checkWithRunner } from './check-with-runner.ts'
import { findTool } from './find-tool.ts'
import { defineGoal } from './goal.ts'
import { npmHint } from './install-hint.ts'
import { CODE_ENDINGS, configuredOrNeeded } from './js-project.ts'
import { jsTestSetup } from './js-test-setup.ts'
import { JS_TESTS } from './test-files.ts'

const CONFIGS = [...CODE_ENDINGS, 'json'].map(ending => `jest.config.${ending}`)

export const jest = defineGoal({
  name: 'jest',
  title: 'All jest tests pass',
  description: 'Runs the project’s jest once and reads its tests from its JSON report.',
  needsCommand: false,

  async protect(_options, workspace) {
    return [...JS_TESTS, ...(await jsTestSetup(workspace))]
  },
  protectKeys: [{ file: 'package.json', path: ['jest'] }],
  governs: ['**/jest.config.*'],
  tool: {
    programs: ['jest'],
    npmPackages: ['jest', 'jest-*', '@jest/*', 'expect', 'babel-jest', 'ts-jest', '@swc/jest'],
  },

  prompt: ({ checkCommand }) =>
    `The goal: all jest tests of this project pass. It is judged by \`${checkCommand ?? 'jest'}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes to test files, snapshots, mocks and jest’s ' +
    'configuration do not count, and skipped tests are not passed tests.',

  check: context =>
    checkWithRunner(context, {
      runner: 'jest',
      usual: 'jest',
      find: () => findTool(context, { program: 'jest', from: 'npm' }),
      missing: ({ workspace }) => npmHint(workspace, 'jest'),
      cannotStart:
        /^.*(?:Validation Error|Multiple configurations found|Could not find a config file|Failed to parse the TypeScript config|Jest: Failed to|Unrecognized (?:CLI|option)|Preset .* not found|Module .* in the .* option was not found|jest\.config\.\w+:\d+).*$/m,
      noTests: /^No tests found, exiting/m,
      advice: 'jest looks for *.test.*, *.spec.* and __tests__, or as its configuration says',
    }),

  async detect(workspace) {
    const why = await configuredOrNeeded(workspace, { name: 'jest', configs: CONFIGS, key: 'jest' })
    return why === null ? null : { why }
  },
})
