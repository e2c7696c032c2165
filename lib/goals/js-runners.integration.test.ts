// The goals of JavaScript's test runners with the real runners: a broken, a fixed, an empty and an unequipped project each.
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RealTool, realTool } from '../../scripts/real-tools.mjs'
import { createProjects, type Files, filesOf, type Projects } from './check-project.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects?.close())

interface Case {
  goal: string
  tool: RealTool | null
  command: RegExp
  files: Files
  /** The file that is broken, and how it is when it is not. */
  fix: [path: string, text: string]
  failing: string[]
  message: RegExp
  at: [file: string, line: number]
  empty: RegExp
  missing: RegExp | null
}

const SUM = 'export const sum = (a, b) => a - b\n'
const FIXED = 'export const sum = (a, b) => a + b\n'
const packageJson = JSON.stringify({ name: 'p', type: 'module' })

const CASES: Case[] = [
  {
    goal: 'vitest',
    tool: null,
    command: /^node_modules\/\.bin\/vitest run$/,
    files: {
      'package.json': packageJson,
      'sum.js': SUM,
      'test/sum.test.js': `import { describe, test, expect } from 'vitest'
import { sum } from '../sum.js'
describe('sum', () => {
  test('adds', () => expect(sum(1, 2)).toBe(3))
  test('starts', () => expect(sum(1, 0)).toBe(1))
})`,
    },
    fix: ['sum.js', FIXED],
    failing: ['test/sum.test.js > sum > adds'],
    message: /expected -1 to be 3/,
    at: ['test/sum.test.js', 4],
    empty: /No tests were found/,
    missing: /vitest is not installed in this project: npm install -D vitest/,
  },
  {
    goal: 'jest',
    tool: 'jest',
    command: /^node_modules\/\.bin\/jest$/,
    files: {
      'package.json': '{"name":"p"}',
      'sum.js': 'exports.sum = (a, b) => a - b\n',
      '__tests__/sum.js': `const { sum } = require('../sum.js')
describe('sum', () => {
  test('adds', () => expect(sum(1, 2)).toBe(3))
  test('starts', () => expect(sum(1, 0)).toBe(1))
})`,
    },
    fix: ['sum.js', 'exports.sum = (a, b) => a + b\n'],
    failing: ['__tests__/sum.js > sum > adds'],
    message: /Expected: 3\n\s*Received: -1/,
    at: ['__tests__/sum.js', 3],
    empty: /No tests were found/,
    missing: /jest is not installed in this project: npm install -D jest/,
  },
  {
    goal: 'node-test',
    tool: null,
    command: /^node --test$/,
    files: {
      'package.json': packageJson,
      'sum.js': SUM,
      'sum.test.js': `import { describe, test } from 'node:test'
import assert from 'node:assert'
import { sum } from './sum.js'
describe('sum', () => {
  test('adds', () => assert.equal(sum(1, 2), 3))
  test('starts', () => assert.equal(sum(1, 0), 1))
})`,
    },
    fix: ['sum.js', FIXED],
    failing: ['sum.test.js > sum > adds'],
    message: /-1 == 3/,
    at: ['sum.test.js', 5],
    empty: /No tests were found/,
    // It runs this server.
    missing: null,
  },
  {
    goal: 'bun-test',
    tool: 'bun',
    command: /^node_modules\/\.bin\/bun test$/,
    files: {
      'package.json': packageJson,
      'sum.js': SUM,
      'sum.test.js': `import { describe, test, expect } from 'bun:test'
import { sum } from './sum.js'
describe('sum', () => {
  test('adds', () => expect(sum(1, 2)).toBe(3))
  test('starts', () => expect(sum(1, 0)).toBe(1))
})`,
    },
    fix: ['sum.js', FIXED],
    failing: ['sum.test.js > sum > adds'],
    message: /Expected: 3\nReceived: -1/,
    at: ['sum.test.js', 4],
    empty: /No tests were found/,
    missing: /bun is not installed on the server/,
  },
  {
    goal: 'deno-test',
    tool: 'deno',
    command: /^node_modules\/\.bin\/deno test --no-check$/,
    files: {
      'deno.jsonc': '{ // of this project\n "tasks": { "test": "deno test --no-check" } }',
      'sum.js': SUM,
      'sum_test.ts': `import { sum } from './sum.js'
function equal(a, b) { if (a !== b) throw new Error(\`\${a} is not \${b}\`) }
Deno.test('adds', () => equal(sum(1, 2), 3))
Deno.test('starts', () => equal(sum(1, 0), 1))
`,
    },
    fix: ['sum.js', FIXED],
    failing: ['sum_test.ts > adds'],
    message: /-1 is not 3/,
    at: ['sum_test.ts', 3],
    empty: /No tests were found/,
    missing: /deno is not installed on the server/,
  },
]

async function project(files: Files, tool: RealTool | null) {
  const made = await projects.make(files)
  const modules = tool ? await realTool(tool) : join(process.cwd(), 'node_modules')
  await symlink(modules, join(made.root, 'node_modules'))
  return made
}

describe.each(CASES)('$goal', one => {
  const { goal, tool, files, fix } = one

  test('broken, then fixed', async () => {
    const made = await project(files, tool)
    const before = await filesOf(made)
    const red = await projects.check(made, goal)
    expect(red).toMatchObject({
      achieved: false,
      broken: false,
      reason: '1 of 2 tests failing',
      tests: { passed: 1, failed: 1, total: 2, failing: one.failing },
    })
    expect(red.command).toMatch(one.command)
    expect(red.tools).toEqual([
      { name: goal.replace('-test', ''), version: expect.stringMatching(/^\d+\.\d+/) },
    ])
    const failed = red.tests?.cases.find(({ state }) => state === 'failed')
    expect(failed).toMatchObject({ file: one.at[0], line: one.at[1] })
    expect(failed?.message).toMatch(one.message)

    await writeFile(join(made.root, fix[0]), fix[1])
    const green = await projects.check(made, goal)
    expect(green).toMatchObject({ achieved: true, reason: 'All 2 tests passed', broken: false })
    expect(green.tests?.cases.map(({ name }) => name).sort()).toEqual(
      red.tests?.cases.map(({ name }) => name).sort(),
    )
    expect(await filesOf(made)).toEqual(before)
  })

  test('a project without tests is a check that says so', async () => {
    const result = await projects.check(await project({ 'package.json': packageJson }, tool), goal)
    expect(result).toMatchObject({ achieved: false, broken: true })
    expect(result.reason).toMatch(one.empty)
  })

  if (one.missing)
    test('where the runner is missing the check says how to install it', async () => {
      const result = await projects.check(files, goal)
      expect(result).toMatchObject({ achieved: false, broken: true, tests: null })
      expect(result.reason).toMatch(one.missing!)
    })
})

test.each<[string, RealTool, Files]>([
  [
    'bun-test',
    'bun',
    { 'a.test.js': "import { test } from 'bun:test'\ntest('a', () => {})\ntest('b', () => process.exit(0))" },
  ],
  [
    'jest',
    'jest',
    { 'package.json': '{}', 'a.test.js': "test('a', () => {})\ntest('b', () => process.exit(0))" },
  ],
  ['deno-test', 'deno', { 'a_test.js': "Deno.test('a', () => Deno.exit(0))" }],
])('%s: a test that ends the runner with 0 is no pass', async (goal, tool, files) => {
  expect(await projects.check(await project(files, tool), goal)).toMatchObject({
    achieved: false,
    broken: false,
  })
})

test.each<[string, RealTool | null, Files, string]>([
  [
    'bun-test',
    'bun',
    {
      'a.test.js': "import { test } from 'bun:test'\ntest('a', () => {})",
      'load.test.js': "import './missing'",
    },
    'load.test.js (unhandled error)',
  ],
  [
    'jest',
    'jest',
    { 'package.json': '{}', 'a.test.js': "test('a', () => {})", 'load.test.js': "require('./missing')" },
    'load.test.js',
  ],
  [
    'deno-test',
    'deno',
    { 'a_test.ts': "Deno.test('a', () => {})", 'load_test.ts': "import './missing.ts'" },
    "load_test.ts (TS2307: Cannot find module 'missing.ts'.)",
  ],
  [
    'deno-test',
    'deno',
    { 'deno.json': '{"tasks":{"test":"deno test --no-check"}}', 'load_test.ts': "import './missing.ts'" },
    'load_test.ts (Module not found "missing.ts".)',
  ],
  [
    'deno-test',
    'deno',
    { 'a_test.js': "Deno.test('a', () => {})", 'top_test.js': "throw new Error('top')" },
    'top_test.js (uncaught error)',
  ],
])('%s: a file that cannot be loaded is a failing test', async (goal, tool, files, name) => {
  const result = await projects.check(await project(files, tool), goal)
  expect(result).toMatchObject({ achieved: false, broken: false, tests: { failing: [name] } })
  expect(result.tests?.cases.find(one => one.name === name)?.message).toMatch(/missing|top/)
})

test.each<[string, RealTool | null, Files]>([
  [
    'bun-test',
    'bun',
    { 'a.test.js': "import { test } from 'bun:test'\ntest.skip('a', () => {})\ntest.todo('b')" },
  ],
  ['jest', 'jest', { 'package.json': '{}', 'a.test.js': "test.skip('a', () => {})\ntest.todo('b')" }],
  [
    'vitest',
    null,
    { 'a.test.js': "import { test } from 'vitest'\ntest.skip('a', () => {})\ntest.todo('b')" },
  ],
  ['deno-test', 'deno', { 'a_test.js': "Deno.test.ignore('a', () => {})\nDeno.test.ignore('b', () => {})" }],
])('%s: tests that are all skipped are not achieved', async (goal, tool, files) => {
  expect(await projects.check(await project(files, tool), goal)).toMatchObject({
    achieved: false,
    reason: 'All 2 tests were skipped',
  })
})

test.each<[string, RealTool | null, Files]>([
  ['vitest', null, { 'vitest.config.ts': 'export default {', 'a.test.ts': '' }],
  ['jest', 'jest', { 'jest.config.js': "module.exports = { preset: 'no-such-preset' }", 'a.test.js': '' }],
  [
    'bun-test',
    'bun',
    {
      'bunfig.toml': '[test]\npreload = ["./missing.ts"]\n',
      'a.test.js': "import { test } from 'bun:test'\ntest('a', () => {})",
    },
  ],
  ['deno-test', 'deno', { 'deno.json': '{ "tasks": [', 'a_test.js': '' }],
])('%s: a configuration that is wrong is a broken check that shows it', async (goal, tool, files) => {
  const result = await projects.check(await project(files, tool), goal)
  expect(result).toMatchObject({ achieved: false, broken: true })
  expect(result.reason).toMatch(/cannot be started: .{20}/)
})

test('an aborted check rejects with the reason', async () => {
  const made = await project(
    { 'a.test.js': "import { test } from 'bun:test'\ntest('a', () => Bun.sleep(60_000), 90_000)" },
    'bun',
  )
  const abort = new AbortController()
  const reason = new Error('enough')
  const check = projects.check(made, 'bun-test', {
    signal: abort.signal,
    // bun says its version before it runs anything.
    onOutput: () => abort.abort(reason),
  })
  await expect(check).rejects.toBe(reason)
})

test('a command of the user is made to report as well, and one that cannot be is judged by what it prints', async () => {
  const files = {
    'package.json': '{"scripts":{"unit":"bun test"}}',
    'a.test.js': "import { test, expect } from 'bun:test'\ntest('a', () => expect(1).toBe(2))",
  }
  const made = await project(files, 'bun')
  const scripted = await projects.check(made, 'bun-test', { checkCommand: 'npm run unit' })
  expect(scripted).toMatchObject({ achieved: false, tests: { failing: ['a.test.js > a'] } })
  const piped = await projects.check(made, 'bun-test', {
    checkCommand: 'node_modules/.bin/bun test 2>&1 | cat',
  })
  expect(piped).toMatchObject({ achieved: false, exitCode: 0, tests: { failed: 1, failing: ['a'] } })
})
