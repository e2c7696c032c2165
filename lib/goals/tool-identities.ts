// What each test runner, linter and type checker is made of: for `tool` of the goals.
import type { ToolIdentity } from './goal.ts'

/** Read by npm, pnpm and yarn, whichever runs the scripts. */
const NPM_HOME = ['.npmrc', '.yarnrc', '.yarnrc.yml', '.config/pnpm/rc']
const NODE_PROGRAMS = ['node', 'npm', 'sh']
/** Tests are judged by their assertions, so libraries of them are part of the tool. */
const JS_ASSERTIONS = ['chai', 'expect', 'should', 'power-assert', 'expect.js', 'unexpected', 'must']
const PYTHON_PROGRAMS = ['python3', 'python']
const PYTHON_HOME = ['.config/pytest.ini', '.pydistutils.cfg', '.python-version', '.pyenv/version']
/** Imported by every test run before the tests are. */
const PYTHON_TESTING = ['unittest', 'doctest']

export const PYTEST_TOOL: ToolIdentity = {
  programs: ['pytest', ...PYTHON_PROGRAMS],
  pythonModules: [
    'pytest',
    '_pytest',
    'pluggy',
    'iniconfig',
    'py',
    'exceptiongroup',
    'xdist',
    ...PYTHON_TESTING,
  ],
  homeFiles: PYTHON_HOME,
}
export const UNITTEST_TOOL: ToolIdentity = {
  programs: PYTHON_PROGRAMS,
  pythonModules: PYTHON_TESTING,
  homeFiles: PYTHON_HOME,
}
export const NODE_TEST_TOOL: ToolIdentity = {
  programs: NODE_PROGRAMS,
  npmPackages: ['tsx', 'ts-node', ...JS_ASSERTIONS],
  homeFiles: NPM_HOME,
}
export const VITEST_TOOL: ToolIdentity = {
  programs: NODE_PROGRAMS,
  npmPackages: ['vitest', '@vitest/*', 'vite-node', 'tinyspy', ...JS_ASSERTIONS],
  homeFiles: NPM_HOME,
}
export const JEST_TOOL: ToolIdentity = {
  programs: NODE_PROGRAMS,
  npmPackages: ['jest', 'jest-*', '@jest/*', 'ts-jest', 'babel-jest', 'react-scripts', ...JS_ASSERTIONS],
  homeFiles: NPM_HOME,
}
export const MOCHA_TOOL: ToolIdentity = {
  programs: NODE_PROGRAMS,
  npmPackages: ['mocha', 'ts-node', 'tsx', ...JS_ASSERTIONS],
  homeFiles: [...NPM_HOME, '.mocharc.js', '.mocharc.json', '.mocharc.yml'],
}
export const DENO_TOOL: ToolIdentity = { programs: ['deno'], homeFiles: ['.npmrc'] }
export const BUN_TOOL: ToolIdentity = {
  programs: ['bun'],
  npmPackages: JS_ASSERTIONS,
  homeFiles: ['.bunfig.toml', '.npmrc'],
}
export const CARGO_TOOL: ToolIdentity = {
  programs: ['cargo', 'rustc', 'rustdoc'],
  homeFiles: ['.cargo/config.toml', '.cargo/config', '.rustup/settings.toml'],
}
export const GO_TOOL: ToolIdentity = {
  programs: ['go'],
  homeFiles: ['.config/go/env', 'Library/Application Support/go/env'],
}
export const GRADLE_TOOL: ToolIdentity = {
  programs: ['gradle', 'java'],
  homeFiles: ['.gradle/init.gradle', '.gradle/init.gradle.kts', '.gradle/gradle.properties'],
}
export const MAVEN_TOOL: ToolIdentity = {
  programs: ['mvn', 'java'],
  homeFiles: ['.m2/settings.xml', '.m2/extensions.xml', '.mavenrc'],
}
export const DOTNET_TOOL: ToolIdentity = {
  programs: ['dotnet'],
  homeFiles: ['.nuget/NuGet/NuGet.Config', '.config/NuGet/NuGet.Config'],
}
export const RSPEC_TOOL: ToolIdentity = {
  programs: ['rspec', 'bundle', 'ruby'],
  homeFiles: ['.rspec', '.config/rspec/options', '.bundle/config', '.gemrc', '.rbenv/version'],
}
export const PHPUNIT_TOOL: ToolIdentity = {
  programs: ['phpunit', 'php'],
  homeFiles: ['.composer/config.json'],
}
export const TSC_TOOL: ToolIdentity = {
  programs: [...NODE_PROGRAMS, 'tsc'],
  npmPackages: ['typescript'],
  homeFiles: NPM_HOME,
}
export const ESLINT_TOOL: ToolIdentity = {
  programs: [...NODE_PROGRAMS, 'eslint'],
  npmPackages: [
    'eslint',
    '@eslint/*',
    '@eslint-community/*',
    'eslint-plugin-*',
    '@typescript-eslint/*',
    'espree',
  ],
  homeFiles: [...NPM_HOME, '.eslintrc', '.eslintrc.json', '.eslintrc.js', '.eslintrc.yml'],
}
export const PYRIGHT_TOOL: ToolIdentity = {
  programs: ['pyright', 'node', ...PYTHON_PROGRAMS],
  npmPackages: ['pyright', 'basedpyright'],
  pythonModules: ['pyright', 'basedpyright'],
}
export const MYPY_TOOL: ToolIdentity = {
  programs: ['mypy', ...PYTHON_PROGRAMS],
  pythonModules: ['mypy', 'mypyc', 'mypy_extensions', 'typing_extensions'],
  homeFiles: ['.mypy.ini', '.config/mypy/config'],
}
export const RUFF_TOOL: ToolIdentity = {
  programs: ['ruff'],
  pythonModules: ['ruff'],
  homeFiles: ['.config/ruff/ruff.toml', '.config/ruff/pyproject.toml'],
}
export const MAKE_TOOL: ToolIdentity = { programs: ['make', 'sh'] }

/** Several tools as one. */
export function allTools(tools: ToolIdentity[]): ToolIdentity {
  const join = (pick: (tool: ToolIdentity) => string[] | undefined) => [
    ...new Set(tools.flatMap(tool => pick(tool) ?? [])),
  ]
  return {
    programs: join(tool => tool.programs),
    pythonModules: join(tool => tool.pythonModules),
    npmPackages: join(tool => tool.npmPackages),
    homeFiles: join(tool => tool.homeFiles),
  }
}

/** Whatever an npm script may run its tests with. */
export const NPM_SCRIPT_TOOLS = allTools([NODE_TEST_TOOL, VITEST_TOOL, JEST_TOOL, MOCHA_TOOL])

/** For a command that may run anything; what it really names is added by the command itself. */
export const ANY_TOOL = allTools([NPM_SCRIPT_TOOLS, { pythonModules: PYTEST_TOOL.pythonModules ?? [] }])

/** Modules that a project's own file of the same name would replace, for every Python program that is run. */
export const PYTHON_SHADOWS = [
  ...(PYTEST_TOOL.pythonModules ?? []),
  'sitecustomize',
  'usercustomize',
  'site',
  'builtins',
  'runpy',
  'traceback',
  'inspect',
  'importlib',
]

/** Globs of such files, for `governs`. */
export const PYTHON_SHADOW_FILES = [
  'pytest',
  '_pytest',
  'pluggy',
  'iniconfig',
  'py',
  'unittest',
  'doctest',
  'sitecustomize',
  'usercustomize',
].flatMap(name => [`**/${name}.py`, `${name}/**`])
