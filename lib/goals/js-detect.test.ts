// Which goals JavaScript projects and configured linters speak for.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Files, type Projects } from './check-project.ts'
import { detectGoals } from './detect-goals.ts'
import { projectAt } from './project-at-start.ts'
import { goals } from './registry.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const detect = async (files: Files) => {
  const found = await detectGoals(await projects.make(files))
  return found.map(({ goal, why }) => [goal, why])
}
const packageJson = (more: object) => JSON.stringify({ name: 'p', ...more })

test.each<[string[][], Files]>([
  [[['vitest', 'vitest.config.mts configures vitest']], { 'vitest.config.mts': '' }],
  [
    [['vitest', 'package.json depends on vitest']],
    { 'package.json': packageJson({ devDependencies: { vitest: '4' } }) },
  ],
  [
    [
      ['npm-test', 'package.json has a test script: "vitest run"'],
      ['vitest', 'package.json depends on vitest'],
    ],
    { 'package.json': packageJson({ scripts: { test: 'vitest run' }, devDependencies: { vitest: '4' } }) },
  ],
  [[['jest', 'jest.config.js configures jest']], { 'jest.config.js': '' }],
  [[['jest', 'package.json configures jest']], { 'package.json': packageJson({ jest: {} }) }],
  [[['node-test', 'test/a.test.js uses node:test']], { 'test/a.test.js': "import test from 'node:test'\n" }],
  [[], { 'test/a.test.js': "import test from 'other'\n" }],
  [
    [
      ['bun-test', 'package.json tests with "bun test"'],
      ['npm-test', 'package.json has a test script: "bun test"'],
    ],
    { 'bun.lock': '', 'package.json': packageJson({ scripts: { test: 'bun test' } }) },
  ],
  [
    [['bun-test', 'there is a bun.lock, and no other test script']],
    { 'bun.lock': '', 'package.json': packageJson({}) },
  ],
  [
    [['vitest', 'package.json depends on vitest']],
    { 'bun.lock': '', 'package.json': packageJson({ devDependencies: { vitest: '4' } }) },
  ],
  [
    [['npm-test', 'package.json has a test script: "node check.js"']],
    { 'bun.lockb': '', 'package.json': packageJson({ scripts: { test: 'node check.js' } }) },
  ],
  [[['deno-test', 'deno.jsonc configures deno']], { 'deno.jsonc': '{}' }],
  [[['pyright', 'pyrightconfig.json configures pyright']], { 'pyrightconfig.json': '{}' }],
  [
    [['mypy', 'pyproject.toml configures mypy']],
    { 'pyproject.toml': '[project]\nname = "x"\n\n[tool.mypy]\nstrict = true\n' },
  ],
  [[['mypy', 'setup.cfg configures mypy']], { 'setup.cfg': '[metadata]\n[mypy]\n' }],
  [[['tsc', 'there is a tsconfig.json']], { 'tsconfig.json': '{}' }],
  [
    [
      ['eslint', '.eslintrc.json configures eslint'],
      ['lint', '.eslintrc.json configures eslint'],
    ],
    { '.eslintrc.json': '{}' },
  ],
  [
    [
      ['ruff', 'pyproject.toml configures ruff'],
      ['lint', 'pyproject.toml configures ruff'],
    ],
    { 'pyproject.toml': '[tool.ruff.lint]\nselect = ["E"]\n' },
  ],
  [[['lint', 'biome.jsonc configures biome']], { 'biome.jsonc': '{}' }],
  [[['lint', '.golangci.yml configures golangci-lint']], { 'go.mod': 'module x\n', '.golangci.yml': '' }],
  [
    [['lint', 'package.json has a lint script: "standard"']],
    { 'package.json': packageJson({ scripts: { lint: 'standard' } }) },
  ],
])('%j', async (expected, files) => {
  // Goals of other trades are none of this test's business.
  const found = await detect(files)
  expect(found.filter(([goal]) => !['go-test', 'cargo-test'].includes(goal ?? ''))).toEqual(expected)
})

test.each<[string, string[], string[]]>([
  [
    'mypy',
    [
      'x = y  # type: ignore',
      '# mypy: ignore-errors',
      '@typing.no_type_check',
      'x = 1  #type:ignore[arg-type]',
    ],
    ['x: Any = 1', '# types ignored here', 'x = cast(int, y)'],
  ],
  [
    'pyright',
    ['x()  # pyright: ignore[reportCall]', '# pyright: basic', '# type: ignore'],
    ['# pyright: strict'],
  ],
  [
    'tsc',
    ['// @ts-ignore', '/* @ts-nocheck */', '//@ts-expect-error why'],
    ['const a: any = b as any', '// @ts-check'],
  ],
  [
    'eslint',
    [
      '// eslint-disable-next-line no-undef',
      '/* eslint-disable */',
      '/* eslint no-undef: 0 */',
      '/* eslint "no-undef": "off" */',
    ],
    ['/* eslint no-undef: 2 */', "import eslint from 'eslint'"],
  ],
  ['ruff', ['import os  # noqa: F401', '# ruff: noqa', '# NOQA'], ['# no quality here']],
  [
    'lint',
    [
      '// biome-ignore lint: why',
      '#[allow(unused)]',
      'x() //nolint:errcheck',
      '# rubocop:disable all',
      '// @phpstan-ignore-line',
    ],
    ['let allowed = 1'],
  ],
])('%s knows what silences it', (name, silenced, others) => {
  const silences = goals.find(goal => goal.name === name)?.silences
  expect(silenced.filter(line => !silences?.test(line))).toEqual([])
  expect(others.filter(line => silences?.test(line))).toEqual([])
})

test('files that run around every test belong to them, as the configuration names them', async () => {
  const patterns = async (name: string, files: Files) => {
    const workspace = await projects.make(files)
    const goal = goals.find(one => one.name === name)!
    const options = {
      text: name,
      checkCommand: null,
      successCondition: null,
      timeoutMs: 1000,
      settings: {},
    }
    const start = await projectAt(workspace, (await workspace.snapshot())!)
    return goal.protect(options, workspace, start)
  }
  expect(
    await patterns('jest', {
      'package.json': '{"jest":{"setupFilesAfterEnv":["<rootDir>/src/around.ts"],"testEnvironment":"node"}}',
      'src/around.ts': '',
      'src/other.ts': '',
    }),
  ).toContain('src/around.ts')
  const vite = await patterns('vitest', {
    'vite.config.ts':
      "export default defineConfig({ test: { globalSetup: './src/global', setupFiles: ['src/a[1].ts'] } })",
    'src/global.ts': '',
    'src/a[1].ts': '',
  })
  expect(vite).toEqual(expect.arrayContaining(['vite.config.ts', 'src/global.ts', 'src/a\\[1\\].ts']))
  expect(await patterns('vitest', { 'vite.config.ts': 'export default { plugins: [] }' })).not.toContain(
    'vite.config.ts',
  )
  expect(
    await patterns('bun-test', { 'bunfig.toml': '[test]\npreload = ["./around.ts"]\n', 'around.ts': '' }),
  ).toContain('around.ts')
})
