import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Files, type Projects } from './check-project.ts'
import { projectAt } from './project-at-start.ts'
import { shellGoal } from './shell-goal.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const check = (checkCommand: string, files: Files = {}, more = {}) =>
  projects.check(files, 'Make it work', { checkCommand, ...more })

test('exit code 0 decides', async () => {
  expect(await check('true')).toMatchObject({ achieved: true, reason: 'Exit code 0', tests: null })
  expect(await check('echo no; exit 3')).toMatchObject({
    achieved: false,
    reason: 'Exit code 3',
    output: 'no\n',
    exitCode: 3,
    broken: false,
  })
})

test('a condition on the output is looked for in all of it', async () => {
  const successCondition = { output_contains: 'needle', output_regex: '^needle$' }
  expect(await check('seq 1 200000; echo needle; seq 1 200000', {}, { successCondition })).toMatchObject({
    achieved: true,
    truncated: true,
  })
})

test('a catastrophic pattern neither hangs the server nor passes', async () => {
  const result = await check(
    "printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'",
    {},
    {
      successCondition: { output_regex: '(a+)+$' },
    },
  )
  expect(result.achieved).toBe(false)
  expect(result.reason).toContain('takes too long')
})

test('a command that is not installed is a broken check', async () => {
  const result = await check('no-such-program --all')
  expect(result).toMatchObject({ achieved: false, broken: true, exitCode: 127 })
  expect(result.reason).toContain('no-such-program was not found')
})

test('a script that may not be executed is a broken check', async () => {
  const result = await check('./check.sh', { 'check.sh': 'exit 0\n' })
  expect(result).toMatchObject({ achieved: false, broken: true, exitCode: 126 })
  expect(result.reason).toContain('chmod +x ./check.sh')
})

test('a program of the project that is not built yet is a goal to reach, not a broken check', async () => {
  expect(await check('./build/app --selftest')).toMatchObject({ achieved: false, broken: false })
})

test('a command that ends with 127 for its own reasons is not taken for a missing one', async () => {
  expect(await check('sh -c "exit 127"')).toMatchObject({ achieved: false, broken: false })
})

test('the time limit is the reason when it is reached', async () => {
  expect(await check('sleep 100', {}, { timeoutSeconds: 1 })).toMatchObject({
    achieved: false,
    reason: 'The check did not finish within 1 s',
  })
})

test('tests of a known runner are counted and named', async () => {
  const files = {
    'test/a.test.mjs':
      "import { test } from 'node:test'\ntest('a', () => {})\ntest('b', () => { throw 1 })\n",
  }
  expect(await check('node --test test/a.test.mjs || true', files)).toMatchObject({
    achieved: false,
    exitCode: 0,
    reason: '1 of 2 tests failing, although the exit code is 0',
    tests: { failing: ['test/a.test.mjs > b'] },
  })
})

test('what merely looks like a test summary does not count', async () => {
  expect(await check('echo "3 failed, 1 passed in 0.10s"')).toMatchObject({ achieved: true, tests: null })
})

test('with another exit code asked for, the tests only inform', async () => {
  const files = { 'a.test.mjs': "import { test } from 'node:test'\ntest('b', () => { throw 1 })\n" }
  expect(await check('node --test a.test.mjs', files, { successCondition: { exit_code: 1 } })).toMatchObject({
    achieved: true,
    reason: 'Exit code 1',
    tests: { failed: 1 },
  })
})

const options = (checkCommand: string) => ({
  text: 'Make it work',
  checkCommand,
  successCondition: null,
  timeoutMs: 600_000,
  settings: {},
})

test('the tests of the runners that the command starts are protected, by what its scripts said at the start', async () => {
  const files = { 'run-all.sh': 'cargo test\n', 'package.json': '{"scripts":{"unit":"pytest -q"}}' }
  const workspace = await projects.make(files)
  const start = await projectAt(workspace, (await workspace.snapshot())!)
  await writeFile(join(workspace.root, 'run-all.sh'), 'true\n')
  const protect = (command: string) => shellGoal.protect(options(command), workspace, start)
  expect(await protect('python main.py | grep ok')).toEqual([])
  expect(await protect('pytest -q tests/unit')).toContain('**/conftest.py')
  expect(await protect('npm run unit')).toContain('**/conftest.py')
  expect(await protect('sh run-all.sh')).toContain('**/benches/**')
  expect(await protect('node --test test/')).toContain('**/test-*.{js,jsx,ts,tsx,mjs,mjsx,cjs,cts,mts}')
})

test('the model is told the command, the condition and who runs it', () => {
  const prompt = shellGoal.prompt({ ...options('sh check.sh'), successCondition: { output_contains: 'ok' } })
  expect(prompt).toContain('The goal: Make it work')
  expect(prompt).toContain('`sh check.sh`')
  expect(prompt).toContain('end with exit code 0 within 600 seconds and print "ok"')
})
