import { pythonHint } from './install-hint.ts'
import type { Linter } from './linter.ts'
import { linterGoal } from './linter-goal.ts'
import { pythonConfig } from './python-project.ts'

export const ruffLinter: Linter = {
  name: 'ruff',
  tool: { program: 'ruff', from: 'python' },
  args: async () => 'check',
  isCall: (program, args) =>
    program === 'ruff' &&
    args[0] === 'check' &&
    !args.some(arg =>
      /^(--output-format|--format|-o|--output-file|-w|--watch|--help|-h|--show-files|--show-settings|--statistics|--$)/.test(
        arg,
      ),
    ),
  options: ({ file }) => `--output-format json --output-file ${file} --no-cache`,
  report: 'file',
  format: 'ruff',
  nothing: /No Python files found/,
  async configuredBy(workspace) {
    const file = await pythonConfig(workspace, {
      files: ['ruff.toml', '.ruff.toml'],
      sections: [['pyproject.toml', '[tool.ruff']],
    })
    return file && `${file} configures ruff`
  },
  missing: workspace => pythonHint(workspace, 'ruff'),
  // It leaves out what git would.
  configs: ['**/ruff.toml', '**/.ruff.toml', '**/.gitignore', '**/.ignore'],
  keys: [{ file: 'pyproject.toml', path: ['tool', 'ruff'] }],
  identity: {
    programs: ['ruff'],
    pythonModules: ['ruff'],
    homeFiles: ['.config/ruff/ruff.toml', '.config/ruff/pyproject.toml'],
  },
  silences: /#\s*(?:(?:ruff|flake8):\s*)?[nN][oO][qQ][aA]\b|#\s*ruff:\s*(?:ignore|disable)/,
}

export const ruff = linterGoal(ruffLinter, {
  name: 'ruff',
  title: 'ruff finds no problems',
  description: 'Runs ruff check and reads what it finds from its JSON.',
  usual: 'ruff check',
  forbidden:
    'changes to ruff’s configuration do not count, and a «# noqa» that hides a problem does not solve it.',
})
