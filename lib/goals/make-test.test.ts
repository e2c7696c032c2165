import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Projects } from './check-project.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const makefile = (recipe: string, before = '.PHONY: test\n') => ({
  Makefile: `${before}test: prepare\n\t${recipe}\nprepare:\n\t@echo preparing\n`,
})

test('the exit code of make test decides', async () => {
  expect(await projects.check(makefile('@echo fine'), 'make-test')).toMatchObject({
    achieved: true,
    reason: 'Exit code 0',
    command: 'make test',
  })
  expect(await projects.check(makefile('exit 4'), 'make-test')).toMatchObject({
    achieved: false,
    broken: false,
    exitCode: 2,
  })
})

test('the tests of a runner that the recipe calls are counted', async () => {
  const result = await projects.check(
    {
      ...makefile('@node --test test/a.test.mjs'),
      'test/a.test.mjs':
        "import { test } from 'node:test'\ntest('a', () => {})\ntest('b', () => { throw 1 })\n",
    },
    'make-test',
  )
  expect(result).toMatchObject({ achieved: false, tests: { total: 2, failing: ['test/a.test.mjs > b'] } })
})

test.each([
  ['no Makefile', {}, /no Makefile/],
  ['no target named test', { Makefile: 'all:\n\techo all\n' }, /no target named test/],
  [
    'a folder named test that hides the target',
    { ...makefile('exit 1', ''), 'test/a': '', Makefile: 'test:\n\texit 1\n' },
    /\.PHONY/,
  ],
])('%s is a broken check', async (_, files, reason) => {
  const result = await projects.check(files, 'make-test')
  expect(result).toMatchObject({ achieved: false, broken: true })
  expect(result.reason).toMatch(reason)
})
