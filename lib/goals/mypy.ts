import type { Workspace } from '../workspace/workspace.ts'
import { pythonHint } from './install-hint.ts'
import type { Linter } from './linter.ts'
import { linterGoal } from './linter-goal.ts'
import { kindOf, readText } from './project-files.ts'
import { projectPython, pythonConfig } from './python-project.ts'

const FILES = ['mypy.ini', '.mypy.ini']

const mypyLinter: Linter = {
  name: 'mypy',
  tool: { program: 'mypy', from: 'python' },
  async args(workspace) {
    const python = await foreignPython(workspace)
    const where = (await namesItsFiles(workspace)) ? '' : '.'
    return [python && `--python-executable ${python}`, where].filter(part => part).join(' ')
  },
  isCall: (program, args) =>
    program === 'mypy' &&
    !args.some(arg => /^(--help|-h|--version|-V|--junit-xml|--output|-O|--$)/.test(arg)),
  // Its cache, in the project, could be written by anybody.
  options: ({ folder }) =>
    `--no-pretty --show-error-codes --no-color-output --error-summary --cache-dir=${folder}/cache`,
  report: 'shown',
  format: 'mypy',
  async configuredBy(workspace) {
    const file = await pythonConfig(workspace, {
      files: FILES,
      sections: [
        ['pyproject.toml', '[tool.mypy'],
        ['setup.cfg', '[mypy'],
      ],
    })
    return file && `${file} configures mypy`
  },
  missing: workspace => pythonHint(workspace, 'mypy'),
  configs: ['mypy.ini', '.mypy.ini'],
  keys: [
    { file: 'pyproject.toml', path: ['tool', 'mypy'] },
    { file: 'setup.cfg', path: ['mypy'] },
  ],
  identity: {
    programs: ['mypy'],
    pythonModules: ['mypy', 'mypyc', 'mypy_extensions', 'typing_extensions'],
    homeFiles: ['.mypy.ini', '.config/mypy/config'],
  },
  silences: /#\s*type:\s*ignore|#\s*mypy:\s*(?:ignore|disable|allow)|@(?:\w+\.)?no_type_check\b/,
}

export const mypy = linterGoal(mypyLinter, {
  name: 'mypy',
  title: 'mypy finds no errors',
  description:
    'Runs mypy, of the project’s virtual environment where it has one, and reads what it finds line by line.',
  usual: 'mypy .',
  forbidden:
    'changes to mypy’s configuration do not count, and a «# type: ignore» that hides a problem does not solve it.',
})

/** The project's Python, when mypy itself is not from there. */
async function foreignPython(workspace: Workspace): Promise<string | null> {
  const python = await projectPython(workspace)
  const own = python && (await kindOf(workspace, python.replace(/python$/, 'mypy')))
  return own ? null : python
}

/** Whether the configuration says what is checked; else mypy wants to be told. */
async function namesItsFiles(workspace: Workspace): Promise<boolean> {
  const sources: [string, RegExp][] = [
    ...FILES.map((file): [string, RegExp] => [file, SECTION('mypy')]),
    ['pyproject.toml', SECTION('tool\\.mypy')],
    ['setup.cfg', SECTION('mypy')],
  ]
  for (const [file, pattern] of sources)
    if (pattern.test((await readText(workspace, file)) ?? '')) return true
  return false
}
const SECTION = (name: string) => new RegExp(`^\\[${name}\\][^[]*?^(?:files|packages|modules)\\s*=`, 'm')
