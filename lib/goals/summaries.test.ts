// Recorded from real runs (pytest 9.0, Node 20.20, vitest 4.1, jest 30.5, mocha 12.0, bun 1.4,
// deno 2.9, unittest of Python 3.11), shortened.
import { expect, test } from 'vitest'
import { readSummaries } from './summaries.ts'

test('pytest', () => {
  const output = `
=========================== short test summary info ============================
FAILED tests/test_cart.py::TestX::test_total[a<&"b] - assert 'a<&"b' == 'x'
SUBFAILED(i=1) tests/test_cart.py::TestU::test_sub - AssertionError: 1 != 0
ERROR tests/test_cart.py::test_err - RuntimeError: x
6 failed, 4 passed, 1 skipped, 1 xfailed, 1 xpassed, 3 errors, 1 subtests passed in 0.64s
`
  expect(readSummaries(output, ['pytest'])).toMatchObject({
    passed: 5,
    failed: 9,
    skipped: 2,
    total: 16,
    failing: ['tests/test_cart.py::TestX::test_total[a<&"b]', 'tests/test_cart.py::test_err'],
  })
  expect(readSummaries('no tests ran in 0.01s\n', ['pytest'])).toMatchObject({ total: 0 })
  expect(readSummaries('==== 3 passed, 2 warnings in 75.10s (0:01:15) ====\n', ['pytest'])).toMatchObject({
    passed: 3,
    total: 3,
  })
})

test('unittest', () => {
  const output = `
ERROR: test_err (test_u.A.test_err)
FAIL: test_bad (test_u.A.test_bad)
Ran 5 tests in 0.001s

FAILED (failures=1, errors=1, skipped=1, expected failures=1)
`
  expect(readSummaries(output, ['unittest'])).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 2,
    total: 5,
    failing: ['test_err (test_u.A.test_err)', 'test_bad (test_u.A.test_bad)'],
  })
  expect(readSummaries('Ran 5 tests in 0.1s\n\nOK (expected failures=1)\n', ['unittest'])).toMatchObject({
    passed: 4,
    failed: 0,
    skipped: 1,
  })
})

test('node, printing for people and as TAP', () => {
  const counts = (mark: string) =>
    `${mark} tests 9\n${mark} suites 2\n${mark} pass 3\n${mark} fail 3\n${mark} cancelled 1\n${mark} skipped 1\n${mark} todo 1\n`
  const spec = `${counts('ℹ')}
✖ failing tests:

test at test/cart.test.mjs:3:79
✖ fails here (0.729458ms)
  AssertionError [ERR_ASSERTION]

test at test/load.test.mjs:1:1
✖ /tmp/p/test/load.test.mjs (62.954706ms)
`
  expect(readSummaries(spec, ['node'])).toMatchObject({
    passed: 3,
    failed: 4,
    skipped: 2,
    total: 9,
    failing: ['test/cart.test.mjs > fails here', 'test/load.test.mjs'],
  })
  expect(readSummaries(`not ok 1 - adds\n${counts('#')}`, ['node'])).toMatchObject({
    total: 9,
    failing: ['adds'],
  })
})

test('vitest', () => {
  const output = `
 FAIL  test/load.test.ts [ test/load.test.ts ]
 FAIL  test/cart.test.ts > cart <&"> > inner > fails

 Test Files  2 failed (2)
\u001b[2m      Tests \u001b[22m \u001b[31m1 failed\u001b[39m | 1 passed | 1 skipped | 1 todo (4)
`
  expect(readSummaries(output, ['vitest'])).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 2,
    total: 5,
    failing: ['test/load.test.ts', 'test/cart.test.ts > cart <&"> > inner > fails'],
  })
})

test('jest', () => {
  const output = `
FAIL __tests__/cart.test.js
  ● cart <&"> › inner › fails

FAIL __tests__/load.test.js
  ● Test suite failed to run

Test Suites: 2 failed, 2 total
Tests:       1 failed, 1 skipped, 1 todo, 1 passed, 4 total
`
  expect(readSummaries(output, ['jest'])).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 2,
    total: 5,
    failing: ['__tests__/cart.test.js > cart <&"> > inner > fails', '__tests__/load.test.js'],
  })
})

test('mocha', () => {
  const output = `
  Cart
    ✔ adds
    - sk
    inner
      1) fails

  1 passing (3ms)
  2 pending
  1 failing

  1) Cart
       inner
         fails:
     Error: x
`
  expect(readSummaries(output, ['mocha'])).toMatchObject({
    passed: 1,
    failed: 1,
    skipped: 2,
    total: 4,
    failing: ['Cart > inner > fails'],
  })
})

test('cargo adds its crates up', () => {
  const output = `
test math::adds ... ok
test math::divides ... FAILED
test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
`
  expect(readSummaries(output, ['cargo'])).toMatchObject({
    passed: 3,
    failed: 1,
    skipped: 1,
    total: 5,
    failing: ['math::divides'],
  })
})

test('go counts only where it names its tests', () => {
  const verbose =
    '--- PASS: TestA (0.00s)\n    --- FAIL: TestB/x (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\texample.com/a\t0.1s\n'
  expect(readSummaries(verbose, ['go'])).toMatchObject({
    passed: 1,
    failed: 2,
    failing: ['TestB/x', 'TestB'],
  })
  expect(readSummaries('ok  \texample.com/a\t0.1s\n', ['go'])).toBeNull()
  expect(readSummaries('?   \texample.com/a\t[no test files]\n', ['go'])).toMatchObject({ total: 0 })
})

test('no summary is no knowledge, and several runners are added up', () => {
  expect(
    readSummaries('hello', ['pytest', 'node', 'vitest', 'jest', 'mocha', 'cargo', 'go', 'unittest']),
  ).toBeNull()
  expect(readSummaries('2 passed in 0.1s\n  3 passing (1ms)\n', ['pytest', 'mocha'])).toMatchObject({
    total: 5,
  })
})

test('bun', () => {
  const output = `test/a.test.ts:
(pass) cart > adds
(fail) cart > inner > fails [0.10ms]
(skip) cart > sk
(todo) cart > td

 1 pass
 1 skip
 1 todo
 1 fail
 1 expect() calls
Ran 4 tests across 1 file. [4.00ms]
`
  expect(readSummaries(output, ['bun'])).toMatchObject({
    passed: 1,
    failed: 1,
    skipped: 2,
    failing: ['cart > inner > fails'],
  })
})

test('deno', () => {
  const output = `adds ... ok (507µs)
fails ... FAILED (456µs)
ign ... ignored (0ms)

FAILED | 1 passed | 1 failed (1 step) | 1 ignored (147ms)
`
  expect(readSummaries(output, ['deno'])).toMatchObject({
    passed: 1,
    failed: 1,
    skipped: 1,
    failing: ['fails'],
  })
})
