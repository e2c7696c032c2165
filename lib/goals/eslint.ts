import { npmHint } from './install-hint.ts'
import { CODE_ENDINGS, configuredOrNeeded } from './js-project.ts'
import type { Linter } from './linter.ts'
import { linterGoal } from './linter-goal.ts'

const CONFIGS = [
  ...CODE_ENDINGS.map(ending => `eslint.config.${ending}`),
  ...['.js', '.cjs', '.json', '.yml', '.yaml', ''].map(ending => `.eslintrc${ending}`),
]

export const eslintLinter: Linter = {
  name: 'eslint',
  tool: { program: 'eslint', from: 'npm' },
  args: async () => '.',
  isCall: (program, args) =>
    program === 'eslint' &&
    !args.some(arg =>
      /^(-f|--format|-o|--output-file|--help|-h|--version|-v|--init|--print-config|--inspect-config|--env-info|--$)/.test(
        arg,
      ),
    ),
  options: ({ file }) => `--format json --output-file ${file}`,
  report: 'file',
  format: 'eslint',
  nothing: /all files matched by .* are ignored|No files matching/i,
  configuredBy: async workspace => {
    const why = await configuredOrNeeded(workspace, { name: 'eslint', configs: CONFIGS, key: 'eslintConfig' })
    // Without a configuration it does not start.
    return why?.includes('configures') ? why : null
  },
  missing: workspace => npmHint(workspace, 'eslint'),
  configs: ['**/eslint.config.*', '**/.eslintrc*', '**/.eslintignore'],
  keys: [
    { file: 'package.json', path: ['eslintConfig'] },
    { file: 'package.json', path: ['eslintIgnore'] },
  ],
  identity: {
    programs: ['eslint'],
    npmPackages: [
      'eslint',
      '@eslint/*',
      'eslint-plugin-*',
      'eslint-config-*',
      '@typescript-eslint/*',
      'typescript-eslint',
    ],
  },
  silences: /(?:\/\/|\/\*|<!--)\s*eslint-disable|\/\*\s*eslint\s+[^*]*?:\s*\[?\s*(?:0|["']?off)\b/,
}

export const eslint = linterGoal(eslintLinter, {
  name: 'eslint',
  title: 'ESLint finds no errors',
  description:
    'Runs the project’s eslint and reads what it finds from its JSON; warnings count where the command says --max-warnings.',
  usual: 'eslint .',
  forbidden:
    'changes to ESLint’s configuration do not count, and an «eslint-disable» comment that hides a problem does not solve it.',
})
