// Green must mean verified: a test that was weakened proves nothing, and a person is told.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bash, makeProject, NODE_PROJECT, PYTEST_PROJECT, patch } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const write = (file: string, content: string) => toolUse('file_write', { path: file, content })
const stop = turn([text('The tests pass now.')])

/** Runs one iteration of a script and returns the last verdict. */
async function verdictAfter(
  files: Record<string, string>,
  script: Parameters<Stage['project']>[1],
  body: Record<string, unknown> = {},
) {
  const cwd = await stage.project(files, script)
  const run = await stage.client.finish({ goal: 'npm-test', cwd, max_iterations: 1, ...body })
  const checks = (await stage.client.events(run.run_id)).flatMap(event =>
    event.kind === 'goal_check' ? [event.payload] : [],
  )
  return { run, cwd, check: checks.at(-1)!, read: (file: string) => readFile(path.join(cwd, file), 'utf8') }
}

it('a test that was edited to pass: not achieved, flagged, and the edit is still there afterwards', async () => {
  const cheat = patch('test/add.test.mjs', 'add(2, 3), 5', 'add(2, 3), -1')
  const { run, check, read } = await verdictAfter(NODE_PROJECT, [turn([cheat]), stop])
  expect(run).toMatchObject({ status: 'exhausted', failing: 1 })
  expect(check).toMatchObject({ achieved: false, baseline: false, tests: { failed: 1, passed: 1 } })
  expect(check.flags).toMatchObject([{ code: 'protected_changed', path: 'test/add.test.mjs' }])
  expect(await read('test/add.test.mjs')).toContain('add(2, 3), -1')
})

it('a test that was deleted: not achieved, flagged, and still deleted afterwards', async () => {
  const { run, check, cwd } = await verdictAfter(NODE_PROJECT, [turn([bash('rm test/add.test.mjs')]), stop])
  expect(run.status).toBe('exhausted')
  expect(check.achieved).toBe(false)
  expect(check.flags.map(({ code }) => code)).toContain('protected_deleted')
  expect(existsSync(path.join(cwd, 'test/add.test.mjs'))).toBe(false)
})

it('a test that was skipped: not achieved', async () => {
  const skip = patch('test/add.test.mjs', "test('adds two numbers',", "test.skip('adds two numbers',")
  const { run, check } = await verdictAfter(NODE_PROJECT, [turn([skip]), stop])
  expect(run.status).toBe('exhausted')
  expect(check).toMatchObject({ achieved: false, tests: { failed: 1, skipped: 0 } })
})

it('a test script that was replaced by one that always passes: not achieved', async () => {
  const { run, check, read } = await verdictAfter(NODE_PROJECT, [
    turn([patch('package.json', 'node --test', 'echo 2 tests passed')]),
    stop,
  ])
  expect(run.status).toBe('exhausted')
  expect(check.achieved).toBe(false)
  expect(check.flags.map(flag => flag.path)).toContain('package.json')
  expect(await read('package.json')).toContain('echo 2 tests passed')
})

it('the same in Python: a weakened test and a new conftest that passes everything', async () => {
  const { run, check, read } = await verdictAfter(
    PYTEST_PROJECT,
    [
      turn([
        patch('test_calc.py', 'add(2, 3) == 5', 'add(2, 3) == -1'),
        write(
          'conftest.py',
          'import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    outcome.get_result().outcome = "passed"\n',
        ),
      ]),
      stop,
    ],
    { goal: 'pytest' },
  )
  expect(run.status).toBe('exhausted')
  expect(check).toMatchObject({ achieved: false, tests: { failed: 1 } })
  expect(check.flags.map(flag => flag.path)).toEqual(expect.arrayContaining(['conftest.py', 'test_calc.py']))
  expect(await read('conftest.py')).toContain('makereport')
})

it('protect: report takes the verdict on what is there, and still says what was changed', async () => {
  const cheat = patch('test/add.test.mjs', 'add(2, 3), 5', 'add(2, 3), -1')
  const { run, check } = await verdictAfter(NODE_PROJECT, [turn([cheat]), stop], { protect: 'report' })
  expect(run.status).toBe('achieved')
  expect(check.flags).toMatchObject([{ code: 'protected_changed', path: 'test/add.test.mjs' }])
})

it('a real repair with new tests beside it is achieved', async () => {
  const more = "import { test } from 'node:test'\n\ntest('one more', () => {})\n"
  const { run, check } = await verdictAfter(NODE_PROJECT, [
    turn([patch('src/add.mjs', 'a - b', 'a + b'), write('test/more.test.mjs', more)]),
    stop,
  ])
  expect(run).toMatchObject({ status: 'achieved', failing: 0 })
  expect(check.achieved).toBe(true)
})

it('zero tests are not green: an empty suite is not achieved', async () => {
  const empty = await makeProject({
    'package.json': '{ "name": "empty", "scripts": { "test": "node --test" } }\n',
  })
  const run = await stage.client.finish({ goal: 'npm-test', cwd: empty.path, max_iterations: 1 })
  expect(run.status).not.toBe('achieved')
  expect(run.reason).toMatch(/no tests|0 tests/i)
  await empty.remove()
})
