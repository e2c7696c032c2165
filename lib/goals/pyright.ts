import { npmHint, pythonHint } from './install-hint.ts'
import type { Linter } from './linter.ts'
import { linterGoal } from './linter-goal.ts'
import { kindOf } from './project-files.ts'
import { projectPython, pythonConfig } from './python-project.ts'

const pyrightLinter: Linter = {
  name: 'pyright',
  tool: { program: 'pyright', from: 'npm', also: 'python' },
  async args(workspace) {
    const python = await projectPython(workspace)
    return python === null ? '' : `--pythonpath ${python}`
  },
  isCall: (program, args) =>
    /^(based)?pyright$/.test(program) &&
    !args.some(arg =>
      /^(--outputjson|-w|--watch|--help|-h|--version|--stats|--verifytypes|--createstub|--$)/.test(arg),
    ),
  options: () => '--outputjson',
  report: 'stdout',
  format: 'pyright',
  nothing: /^No source files found/m,
  async configuredBy(workspace) {
    const file = await pythonConfig(workspace, {
      files: ['pyrightconfig.json'],
      sections: [['pyproject.toml', '[tool.pyright']],
    })
    return file && `${file} configures pyright`
  },
  missing: async workspace =>
    (await kindOf(workspace, 'package.json')) === 'file'
      ? npmHint(workspace, 'pyright')
      : pythonHint(workspace, 'pyright'),
  configs: ['pyrightconfig.json'],
  keys: [{ file: 'pyproject.toml', path: ['tool', 'pyright'] }],
  identity: { programs: ['pyright'], pythonModules: ['pyright'], npmPackages: ['pyright'] },
  silences:
    /#\s*type:\s*ignore|#\s*pyright:\s*(?:ignore|basic|off|report\w+\s*=\s*(?:false|none|information|warning))|@(?:\w+\.)?no_type_check\b/,
}

export const pyright = linterGoal(pyrightLinter, {
  name: 'pyright',
  title: 'pyright finds no errors',
  description:
    'Runs pyright and reads what it finds from its JSON; warnings count where the command says --warnings.',
  usual: 'pyright',
  forbidden:
    'changes to pyright’s configuration do not count, and a «# pyright: ignore» or «# type: ignore» that hides a problem ' +
    'does not solve it.',
})
