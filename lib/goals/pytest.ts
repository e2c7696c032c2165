import type { Workspace } from '../workspace/workspace.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { kindOf, readText } from './project-files.ts'
import { runTests } from './run-tests.ts'
import type { ReportedRun } from './run-with-report.ts'
import { PYTHON_GOVERNS, PYTHON_KEYS, PYTHON_TESTS } from './test-files.ts'
import { PYTEST_TOOL, PYTHON_SHADOW_FILES } from './tool-identities.ts'

const NOT_INSTALLED =
  'pytest is not installed: pip install pytest (in the project’s .venv, or for the server’s user)'

export const pytest = defineGoal({
  name: 'pytest',
  title: 'All pytest tests pass',
  description:
    'Runs pytest in the project and counts its tests; a virtual environment in .venv or venv is used.',
  needsCommand: false,

  async protect() {
    return PYTHON_TESTS
  },
  protectKeys: PYTHON_KEYS,
  governs: [...PYTHON_GOVERNS, ...PYTHON_SHADOW_FILES],
  tool: PYTEST_TOOL,

  prompt: ({ checkCommand }) =>
    `The goal: all pytest tests of this project pass. It is judged by \`${checkCommand ?? 'pytest -q'}\`, which the server ` +
    'itself runs after each of your attempts. Fix the code, not the tests: changes to test files, conftest.py and pytest’s ' +
    'configuration do not count, and skipped tests are not passed tests.',

  async check(context) {
    const command = context.options.checkCommand ?? context.pinned ?? (await findPytest(context))
    if (command === null) return brokenCheck('pytest -q', NOT_INSTALLED)
    const { run, tests, isUnfinished } = await runTests(context, {
      command,
      env: { PYTHONDONTWRITEBYTECODE: '1' },
      runners: ['pytest'],
    })
    const broken = run.timedOut ? null : problemOf(command, run)
    return finishCheck(context, { command, run, tests, isUnfinished, broken })
  },

  async detect(workspace) {
    const settings: [string, RegExp][] = [
      ['pytest.ini', /^/],
      ['.pytest.ini', /^/],
      ['pyproject.toml', /^\[tool\.pytest/m],
      ['setup.cfg', /^\[tool:pytest\]/m],
      ['tox.ini', /^\[pytest\]/m],
    ]
    for (const [file, pattern] of settings)
      if (pattern.test((await readText(workspace, file)) ?? ' \n')) {
        if ((await kindOf(workspace, file)) === 'file') return { why: `${file} configures pytest` }
      }
    for (const file of ['conftest.py', 'tests/conftest.py', 'test/conftest.py'])
      if (await kindOf(workspace, file)) return { why: `there is a ${file}` }
    const found = await firstPythonTest(workspace)
    if (found !== null) return { why: `there are Python tests: ${found}` }
    for (const file of [
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
      'requirements-dev.txt',
      'requirements.txt',
      'Pipfile',
    ])
      if (/(^|["'\s])pytest\b(?!-)/m.test((await readText(workspace, file)) ?? ''))
        return { why: `${file} names pytest` }
    return null
  },
})

/** As a person would type it; null when there is no pytest. */
async function findPytest({ workspace, signal }: CheckContext): Promise<string | null> {
  for (const folder of ['.venv', 'venv'])
    if ((await kindOf(workspace, `${folder}/bin/pytest`)) === 'file')
      return `${folder}/bin/python -m pytest -q`
  // A pyenv shim exists without the program behind it, so the version is asked for.
  const { output } = await workspace.run({
    command:
      'if pytest --version >/dev/null 2>&1; then echo "found pytest"; ' +
      'elif python3 -m pytest --version >/dev/null 2>&1; then echo "found python3 -m pytest"; fi',
    env: { PYTHONDONTWRITEBYTECODE: '1' },
    timeoutMs: 60_000,
    signal,
  })
  const found = /^found (.+)$/m.exec(output)?.[1]
  return found ? `${found} -q` : null
}

/** pytest's exit codes: 0 passed, 1 failed, 2 interrupted, 3 internal error, 4 usage, 5 nothing collected. */
function problemOf(command: string, run: ReportedRun): string | null {
  const unknown = commandProblem(command, run)
  if (unknown) return unknown.includes('pytest') ? NOT_INSTALLED : unknown
  if (run.exitCode === 1 && /No module named ['"]?pytest\b/.test(run.output)) return NOT_INSTALLED
  if (run.exitCode === 5)
    return 'pytest found no tests: put them into files named test_*.py, or give a check_command that names them'
  // A conftest.py that cannot be imported also ends with 4, and may be exactly what is to be repaired.
  if (run.exitCode === 4 && !/while loading conftest/.test(run.output)) {
    const line = [...run.output.matchAll(/\berror: (.*)$/gim)].at(-1)?.[1]
    return `pytest cannot be started like this${line ? `: ${line.slice(0, 300)}` : ' (exit code 4)'}`
  }
  return null
}

/** A test file by pytest's naming: in the folder itself or its tests, else the highest one below that is no dependency's. */
async function firstPythonTest(workspace: Workspace): Promise<string | null> {
  const { output } = await workspace.run({
    command:
      'for f in test_*.py *_test.py tests/test_*.py tests/*/test_*.py test/test_*.py; do ' +
      '[ -f "$f" ] && { printf "found %s\\n" "$f"; exit; }; done; ' +
      "for depth in 2 3 4 5 6; do find . -mindepth $depth -maxdepth $depth -type f \\( -name 'test_*.py' -o -name '*_test.py' \\) " +
      "! -path '*/.*/*' ! -path '*/node_modules/*' ! -path '*/site-packages/*' ! -path './venv/*' ! -path './vendor/*' " +
      "| sort | sed -n '1s|^\\./|found |p' | grep . && exit; done",
    timeoutMs: 10_000,
  })
  return /^found (.+)$/m.exec(output)?.[1] ?? null
}
