import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, filesOf, type Projects } from './check-project.ts'

let projects: Projects

beforeAll(async () => {
  try {
    execFileSync('sh', ['-c', 'pytest --version || python3 -m pytest --version'], { stdio: 'ignore' })
  } catch {
    throw new Error(
      'These tests need a real pytest: install the package python3-pytest, or pip install pytest',
    )
  }
  projects = await createProjects()
})
afterAll(() => projects?.close())

const CART = {
  'cart.py': 'def total(prices):\n    return sum(prices)\n',
  'tests/test_cart.py': 'from cart import total\ndef test_total():\n    assert total([1, 2]) == 3\n',
  // The root on sys.path, as projects have it.
  'conftest.py': '',
}

test('a green project is achieved, and the check leaves nothing behind', async () => {
  const project = await projects.make(CART)
  const before = await filesOf(project)
  const result = await projects.check(project, 'pytest')
  expect(result).toMatchObject({
    achieved: true,
    reason: 'The only test passed',
    exitCode: 0,
    broken: false,
    tests: { passed: 1, failed: 0, total: 1 },
  })
  expect(result.command).toMatch(/^(pytest|python3 -m pytest) -q$/)
  expect(result.output).toContain('1 passed')
  expect(result.output).not.toContain('testsuite')
  expect((await filesOf(project)).filter(file => !before.includes(file) && file !== '.benchmarks')).toEqual(
    [],
  )
})

test('failing tests are named as pytest names them, hostile names too', async () => {
  const result = await projects.check(
    {
      'test_a.py': `
import pytest, unittest
class TestX:
    @pytest.mark.parametrize("p", ["a<&\\"b]]>", "x"])
    def test_total(self, p): assert p == "x"
@pytest.fixture
def broken(): raise RuntimeError("setup")
def test_error(broken): pass
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.xfail(strict=True)
def test_unexpected(): pass
class TestU(unittest.TestCase):
    def test_u(self): self.assertEqual(1, 2)
`,
    },
    'pytest',
  )
  expect(result.reason).toBe('4 of 6 tests failing')
  expect(result.tests?.failing).toEqual([
    'test_a.py::TestX::test_total[a<&"b]]>]',
    'test_a.py::test_error',
    'test_a.py::test_unexpected',
    'test_a.py::TestU::test_u',
  ])
})

test('a file that cannot be imported is a failing test, not a broken check', async () => {
  const result = await projects.check({ 'tests/test_x.py': 'import nothing_here\n' }, 'pytest')
  expect(result).toMatchObject({
    achieved: false,
    broken: false,
    reason: '1 test file cannot be collected',
    tests: { failed: 1, failing: ['tests/test_x.py (collection error)'] },
  })
})

test('no tests at all is a broken check with advice', async () => {
  const result = await projects.check({ 'app.py': '' }, 'pytest')
  expect(result).toMatchObject({ achieved: false, broken: true, exitCode: 5 })
  expect(result.reason).toContain('test_*.py')
})

test('tests that are all skipped are not achieved', async () => {
  const skipped = 'import pytest\npytestmark = pytest.mark.skip\ndef test_a(): pass\ndef test_b(): pass\n'
  const result = await projects.check({ 'test_a.py': skipped }, 'pytest')
  expect(result).toMatchObject({
    achieved: false,
    exitCode: 0,
    reason: 'All 2 tests were skipped',
    broken: false,
  })
})

test('passing tests with another reason to fail say so', async () => {
  const conftest = 'def pytest_sessionfinish(session):\n    session.exitstatus = 1\n'
  const result = await projects.check({ ...CART, 'conftest.py': conftest }, 'pytest')
  expect(result).toMatchObject({ achieved: false, tests: { passed: 1, failed: 0 } })
  expect(result.reason).toBe('The only test passed, but the command failed: exit code 1')
})

test('a project whose options need the cache can be checked', async () => {
  const result = await projects.check({ ...CART, 'pytest.ini': '[pytest]\naddopts = --ff -q\n' }, 'pytest')
  expect(result).toMatchObject({ achieved: true, tests: { total: 1 } })
})

test('wrong options in the configuration are a broken check that shows them', async () => {
  const result = await projects.check({ ...CART, 'pytest.ini': '[pytest]\naddopts = --no-such\n' }, 'pytest')
  expect(result.broken).toBe(true)
  expect(result.reason).toContain('--no-such')
})

test('a conftest that cannot be imported is for the agent to repair', async () => {
  const result = await projects.check({ ...CART, 'conftest.py': 'import nothing_here\n' }, 'pytest')
  expect(result).toMatchObject({ achieved: false, broken: false })
})

test('a given command keeps the names of the tests', async () => {
  const files = { ...CART, 'other/test_bad.py': 'def test_bad(): assert 0\n' }
  expect(await projects.check(files, 'pytest', { checkCommand: 'pytest -q tests' })).toMatchObject({
    achieved: true,
    command: 'pytest -q tests',
    tests: { total: 1 },
  })
  expect(await projects.check(files, 'pytest', { checkCommand: 'pytest -q other' })).toMatchObject({
    achieved: false,
    tests: { failing: ['other/test_bad.py::test_bad'] },
  })
})

test('a pipe hides the exit code but not the failing tests', async () => {
  const files = { 'test_bad.py': 'def test_bad(): assert 0\ndef test_ok(): pass\n' }
  const result = await projects.check(files, 'The suite is green', { checkCommand: 'pytest -q | tail -n 3' })
  expect(result).toMatchObject({
    achieved: false,
    exitCode: 0,
    reason: '1 of 2 tests failing, although the exit code is 0',
    tests: { failing: ['test_bad.py::test_bad'] },
  })
})

test('a test that kills pytest without a trace is not achieved', async () => {
  const result = await projects.check(
    { 'test_a.py': 'import os\ndef test_ok(): pass\ndef test_exit(): os._exit(0)\n' },
    'pytest',
  )
  expect(result).toMatchObject({ achieved: false, exitCode: 0 })
  expect(result.reason).toContain('ended before it reported its tests')
})

test('a virtual environment of the project is used', async () => {
  const result = await projects.check(
    {
      ...CART,
      '.venv/bin/pytest': '#!/bin/sh\nexit 1\n',
      '.venv/bin/python':
        '#!/bin/sh\necho "from the venv"; shift 2; exec sh -c \'pytest "$@" || python3 -m pytest "$@"\' sh "$@"\n',
    },
    'pytest',
  )
  expect(result).toMatchObject({ achieved: true, command: '.venv/bin/python -m pytest -q' })
  expect(result.output).toContain('from the venv')
})

test('a suite that hangs is stopped at the limit and the reason says so', async () => {
  const result = await projects.check(
    { 'test_a.py': 'import time\ndef test_slow(): time.sleep(1000)\n' },
    'pytest',
    { timeoutSeconds: 2 },
  )
  expect(result).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'The check did not finish within 2 s',
  })
})

test('an aborted check rejects with the reason', async () => {
  const controller = new AbortController()
  const check = projects.check(
    {
      'test_a.py': 'import time\ndef test_slow():\n    print("started", flush=True)\n    time.sleep(1000)\n',
    },
    'pytest',
    {
      checkCommand: 'pytest -q -s',
      signal: controller.signal,
      onOutput: chunk => chunk.includes('started') && controller.abort(new Error('enough')),
    },
  )
  await expect(check).rejects.toThrow('enough')
})
