import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, filesOf, type Projects } from './check-project.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const packageJson = (script: string | null, more: object = {}) =>
  JSON.stringify({ name: 'p', type: 'module', scripts: script === null ? {} : { test: script }, ...more })
const nodeProject = (tests: string, script = 'node --test test/a.test.mjs') => ({
  'package.json': packageJson(script),
  'test/a.test.mjs': `import { test, describe, it, before } from 'node:test'\nimport assert from 'node:assert'\n${tests}`,
})

test('a green project is achieved, and the check leaves nothing behind', async () => {
  const project = await projects.make(
    nodeProject("test('adds', () => {})\ndescribe('s', () => { it('x', () => {}) })"),
  )
  const before = await filesOf(project)
  const shown: string[] = []
  const result = await projects.check(project, 'npm-test', { onOutput: chunk => shown.push(chunk) })
  expect(result).toMatchObject({
    achieved: true,
    reason: 'All 2 tests passed',
    command: 'npm test',
    tests: { passed: 2, total: 2 },
  })
  expect(await filesOf(project)).toEqual(before)
  for (const output of [result.output, shown.join('')]) {
    expect(output).toContain('adds')
    expect(output).not.toContain('retrai-report')
    expect(output).not.toContain('"pass"')
  }
})

test('failing tests are named by file and path; suites are not tests', async () => {
  const result = await projects.check(
    {
      ...nodeProject(`
describe('cart <&">', () => {
  it('adds', () => {})
  describe('inner', () => { it('removes\\none', () => assert.equal(1, 2)) })
  it.skip('later', () => {})
  it.todo('some day')
})
describe('hook', () => { before(() => { throw new Error('no') }); it('never runs', () => {}) })
test('parent', async t => { await t.test('child', () => { throw new Error('x') }) })
`),
      'test/load.test.mjs': "import './missing.mjs'\n",
      'package.json': packageJson('node --test test/a.test.mjs test/load.test.mjs'),
    },
    'npm-test',
  )
  expect(result.tests).toMatchObject({
    passed: 1,
    failed: 5,
    skipped: 2,
    total: 8,
    failing: [
      'test/a.test.mjs > cart <&"> > inner > removes\none',
      'test/a.test.mjs > hook > never runs',
      'test/a.test.mjs > parent > child',
      'test/a.test.mjs > parent',
      'test/load.test.mjs',
    ],
  })
  expect(result).toMatchObject({ achieved: false, reason: '5 of 8 tests failing', broken: false })
})

test('process.exit(0) in the middle of a test file is not a pass', async () => {
  const at = (statement: string) =>
    nodeProject(
      `test('one', () => {})\ntest('two', async () => { ${statement} })\ntest('three', () => { throw 1 })`,
    )
  const now = await projects.check(at('process.exit(0)'), 'npm-test')
  expect(now.exitCode).toBe(0)
  expect(now).toMatchObject({ achieved: false, tests: { failed: 1 } })
  const later = await projects.check(
    at('await new Promise(r => setTimeout(r, 200)); process.exit(0)'),
    'npm-test',
  )
  expect(later).toMatchObject({ achieved: false })
  expect(later.tests?.failed).toBeGreaterThan(0)
})

test('the same where node does not run files apart', async () => {
  const result = await projects.check(
    nodeProject(
      "test('one', () => {})\ntest('two', async () => { await null; process.exit(0) })",
      'node test/a.test.mjs',
    ),
    'npm-test',
  )
  expect(result).toMatchObject({ achieved: false, exitCode: 0 })
})

test('plain scripts with assertions are tests by their file', async () => {
  const files = {
    ...nodeProject(''),
    'test/a.test.mjs': "import assert from 'node:assert'\nassert.ok(true)\n",
  }
  expect(await projects.check(files, 'npm-test')).toMatchObject({ achieved: true, tests: { total: 1 } })
})

test.each(['--test-force-exit', '--test-name-pattern=adds', '--test-reporter=dot'])(
  'node --test %s works as it does without us',
  async option => {
    const files = nodeProject("test('adds', () => {})", `node --test ${option} test/a.test.mjs`)
    expect(await projects.check(files, 'npm-test')).toMatchObject({ achieved: true, tests: { passed: 1 } })
  },
)

test('tests that are all skipped are not achieved', async () => {
  const result = await projects.check(nodeProject("test.skip('a', () => {})\ntest.todo('b')"), 'npm-test')
  expect(result).toMatchObject({ achieved: false, exitCode: 0, reason: 'All 2 tests were skipped' })
})

test('a build before the tests is no obstacle, and a reporter of the script keeps printing', async () => {
  const files = nodeProject(
    "test('a', () => {})",
    'echo building && node --test --test-reporter=tap test/a.test.mjs',
  )
  const result = await projects.check(files, 'npm-test')
  expect(result).toMatchObject({ achieved: true, tests: { total: 1 } })
  expect(result.output).toContain('ok 1 - a')
})

test('two calls of the runner are counted together', async () => {
  const files = {
    ...nodeProject("test('a', () => {})"),
    'test/b.test.mjs': "import { test } from 'node:test'\ntest('b', () => {})\n",
    'package.json': packageJson('npm run one && npm run two', {
      scripts: {
        test: 'npm run one && npm run two',
        one: 'node --test test/a.test.mjs',
        two: 'node --test test/b.test.mjs',
      },
    }),
  }
  expect(await projects.check(files, 'npm-test')).toMatchObject({ achieved: true, tests: { total: 2 } })
})

test('a runner that the tests themselves start on fixtures does not count', async () => {
  const result = await projects.check(
    {
      ...nodeProject(`
import { spawnSync } from 'node:child_process'
test('runs a failing fixture', () => {
  const { NODE_TEST_CONTEXT, ...env } = process.env
  assert.equal(spawnSync(process.execPath, ['--test', 'fixtures/bad.mjs'], { env }).status, 1)
})`),
      'fixtures/bad.mjs': "import { test } from 'node:test'\ntest('bad', () => { throw new Error('x') })\n",
    },
    'npm-test',
  )
  expect(result).toMatchObject({ achieved: true, tests: { total: 1 } })
})

test('vitest is asked for its report, and a file that cannot be loaded is a failing test', async () => {
  const project = await projects.make({
    'package.json': packageJson('vitest'),
    'test/a.test.ts': `import { describe, test, expect } from 'vitest'
describe('cart <&">', () => { test('adds', () => {}); describe('inner', () => { test('fails', () => expect(1).toBe(2)) }); test.skip('sk', () => {}) })`,
    'test/load.test.ts': "import './missing'\n",
  })
  await symlink(join(process.cwd(), 'node_modules'), join(project.root, 'node_modules'))
  const result = await projects.check(project, 'npm-test')
  expect(result.tests).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 1,
    total: 4,
    failing: ['test/a.test.ts > cart <&"> > inner > fails', 'test/load.test.ts'],
  })
  expect(result.tests?.cases.filter(one => one.state === 'failed')).toMatchObject([
    { message: expect.stringContaining('expected 1 to be 2'), file: 'test/a.test.ts', line: 2 },
    { message: expect.stringContaining('missing'), file: 'test/load.test.ts' },
  ])
  expect(result.output).toContain('Test Files')
  expect(result.output).not.toContain('retrai-check')
})

test('vitest that finds nothing and is content with it is not achieved', async () => {
  const project = await projects.make({ 'package.json': packageJson('vitest run --passWithNoTests') })
  await symlink(join(process.cwd(), 'node_modules'), join(project.root, 'node_modules'))
  expect(await projects.check(project, 'npm-test')).toMatchObject({
    achieved: false,
    broken: true,
    exitCode: 0,
  })
})

test('where the runner is not known the exit code decides', async () => {
  const script = (code: number) => ({
    'package.json': packageJson('node check.mjs'),
    'check.mjs': `console.log('3 passed'); process.exit(${code})`,
  })
  expect(await projects.check(script(0), 'npm-test')).toMatchObject({
    achieved: true,
    reason: 'Exit code 0',
    tests: null,
  })
  expect(await projects.check(script(7), 'npm-test')).toMatchObject({
    achieved: false,
    reason: 'Exit code 7',
  })
})

test.each([
  ['no package.json', {}, /no package\.json/],
  ['a package.json that is not JSON', { 'package.json': '{' }, /package\.json cannot be read/],
  ['a package.json that is a list', { 'package.json': '[]' }, /package\.json cannot be read/],
  ['no test script', { 'package.json': packageJson(null) }, /no test script/],
  [
    "npm's placeholder",
    { 'package.json': packageJson('echo "Error: no test specified" && exit 1') },
    /placeholder/,
  ],
  [
    'packages that are not installed',
    { 'package.json': packageJson('no-such-runner', { devDependencies: { 'no-such-runner': '1' } }) },
    /npm install/,
  ],
] as const)('%s is a broken check that says what to do', async (_, files, reason) => {
  const result = await projects.check(files, 'npm-test')
  expect(result).toMatchObject({ achieved: false, broken: true, tests: null })
  expect(result.reason).toMatch(reason)
})

test('the output of a flood is cut, and the tests are counted all the same', async () => {
  const result = await projects.check(
    nodeProject("for (let i = 0; i < 60; i++) console.log('x'.repeat(100_000))\ntest('a', () => {})"),
    'npm-test',
  )
  expect(result).toMatchObject({ achieved: true, truncated: true, tests: { total: 1 } })
  expect(result.bytes).toBeGreaterThan(6_000_000)
  expect(result.output.length).toBeLessThan(1_100_000)
})

test('what failed says why and where, and a flood of words is cut', async () => {
  const result = await projects.check(
    nodeProject(`
test('adds', () => assert.equal(1, 2, 'one is not two'))
test('long', () => { throw new Error('x'.repeat(1_000_000)) })
test('later', { skip: 'not yet' }, () => {})`),
    'npm-test',
  )
  const [adds, long, later] = result.tests?.cases ?? []
  expect(adds).toMatchObject({ message: 'one is not two', file: 'test/a.test.mjs', line: 4 })
  expect(long?.message).toHaveLength(2000)
  expect(later).toMatchObject({ state: 'skipped', message: 'not yet' })
})
