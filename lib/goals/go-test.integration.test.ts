import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Projects } from './check-project.ts'
import { needTool, withoutTools } from './languages.fixture.ts'

let projects: Projects
beforeAll(async () => {
  needTool('go', ['version'], 'install the package golang-go')
  projects = await createProjects()
})
afterAll(() => projects?.close())

const MODULE = { 'go.mod': 'module example.com/cart\n\ngo 1.19\n' }
const CART = {
  ...MODULE,
  'sum/sum.go': 'package sum\n\nfunc Add(a, b int) int { return a - b }\n',
  'sum/sum_test.go': `package sum

import "testing"

func TestAdd(t *testing.T) {
	if got := Add(1, 2); got != 3 {
		t.Errorf("got %d", got)
	}
}
func TestSlow(t *testing.T) { t.Skip("slow") }
`,
}

test('a broken module is red test by test, and green once it is fixed', async () => {
  const project = await projects.make(CART)
  let live = ''
  const red = await projects.check(project, 'go-test', { onOutput: chunk => (live += chunk) })
  expect(red).toMatchObject({
    achieved: false,
    broken: false,
    reason: '1 of 2 tests failing',
    command: 'go test -count=1 ./...',
    tests: { passed: 0, failed: 1, skipped: 1 },
    tools: [{ name: 'go' }],
  })
  expect(red.tests?.cases[0]).toEqual({
    name: 'example.com/cart/sum.TestAdd',
    state: 'failed',
    message: 'sum_test.go:7: got -1',
    file: 'sum/sum_test.go',
    line: 7,
  })
  for (const output of [live, red.output]) {
    expect(output).toContain('--- FAIL: TestAdd')
    expect(output).not.toContain('"Action"')
  }
  await project.run({ command: "sed -i 's/a - b/a + b/' sum/sum.go", timeoutMs: 10_000 })
  expect(await projects.check(project, 'go-test')).toMatchObject({ achieved: true, tests: { passed: 1 } })
  const given = await projects.check(project, 'go-test', {
    checkCommand: 'GOFLAGS=-v go test ./sum -run Add',
  })
  expect(given).toMatchObject({ achieved: true, tests: { total: 1 } })
})

test('code that does not compile is red, with the compiler’s words', async () => {
  const files = { ...CART, 'sum/sum.go': 'package sum\n\nfunc Add(a, b int) int { return c }\n' }
  const result = await projects.check(files, 'go-test')
  expect(result).toMatchObject({ achieved: false, broken: false, tests: { failed: 1 } })
  expect(result.tests?.cases[0]).toMatchObject({
    name: expect.stringMatching(/undefined: c$/),
    file: 'sum/sum.go',
    line: 3,
  })
})

test('a test program that ends early with exit code 0 is not achieved', async () => {
  const early = 'package sum\n\nimport ("os"; "testing")\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n'
  expect(await projects.check({ ...CART, 'sum/main_test.go': early }, 'go-test')).toMatchObject({
    achieved: false,
    exitCode: 0,
  })
})

test('without a module, without tests and without go the check says what to do', async () => {
  const broken = (said: string) => ({ achieved: false, broken: true, reason: expect.stringContaining(said) })
  expect(await projects.check({}, 'go-test')).toMatchObject(broken('go mod init'))
  expect(await projects.check({}, 'go-test', { checkCommand: 'go test ./...' })).toMatchObject(
    broken('go mod init'),
  )
  expect(await projects.check(MODULE, 'go-test')).toMatchObject(broken('TestXxx'))
  expect(await projects.check({ ...MODULE, 'a.go': 'package a\n' }, 'go-test')).toMatchObject(
    broken('TestXxx'),
  )
  expect(await withoutTools(() => projects.check(CART, 'go-test'))).toMatchObject(broken('golang-go'))
})
