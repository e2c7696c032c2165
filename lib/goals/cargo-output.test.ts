import { expect, test } from 'vitest'
import { parseCargo } from './cargo-output.ts'

const OUTPUT = `   Compiling my-cart v0.1.0 (/p)
    Finished \`test\` profile [unoptimized + debuginfo] target(s) in 0.67s
     Running unittests src/lib.rs (target/debug/deps/my_cart-791d436362bbaaad)

running 5 tests
test tests::err ... FAILED
test tests::nopanic - should panic ... FAILED
test tests::adds ... FAILED
test tests::panics - should panic ... ok
test tests::slow ... ignored, slow

failures:

---- tests::err stdout ----
Error: "no"

---- tests::nopanic stdout ----
note: test did not panic as expected at src/lib.rs:18:32
---- tests::adds stdout ----
hi

thread 'tests::adds' (7451) panicked at src/lib.rs:14:41:
assertion \`left == right\` failed: sum
  left: -1
 right: 3
stack backtrace:
   0: __rustc::rust_begin_unwind


failures:
    tests::adds
    tests::err
    tests::nopanic

test result: FAILED. 1 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.06s

error: test failed, to rerun pass \`--lib\`
`

test('each test of a target has its name, state, message and place', () => {
  const label = 'my_cart/src/lib.rs'
  expect(parseCargo(OUTPUT)).toEqual([
    { name: `${label}::tests::err`, state: 'failed', message: 'Error: "no"' },
    {
      name: `${label}::tests::nopanic`,
      state: 'failed',
      message: 'note: test did not panic as expected at src/lib.rs:18:32',
    },
    {
      name: `${label}::tests::adds`,
      state: 'failed',
      message: expect.stringMatching(/^hi\n(?:.*\n)*.*right: 3$/),
      file: 'src/lib.rs',
      line: 14,
    },
    { name: `${label}::tests::panics`, state: 'passed' },
    { name: `${label}::tests::slow`, state: 'skipped', message: 'slow' },
  ])
})

test('doc-tests are named without their line, which edits elsewhere move', () => {
  const output = `   Doc-tests my_cart

running 3 tests
test src/lib.rs - add (line 5) ... ok
test src/lib.rs - (line 1) ... ok
test src/lib.rs - add (line 8) - compile ... ok

test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.15s
`
  expect(parseCargo(output)?.map(({ name, line }) => [name, line])).toEqual([
    ['src/lib.rs - add', 5],
    ['src/lib.rs (doc)', 1],
    ['src/lib.rs - add', 8],
  ])
})

test('a target whose program ends before its sum is a failure, whatever comes after it', () => {
  const output = `     Running tests/it.rs (target/debug/deps/it-18513087ea129426)

running 2 tests
test one ... ok
     Running tests/other.rs (target/debug/deps/other-18513087ea129426)

running 1 test
test two ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`
  expect(parseCargo(output)).toEqual([
    { name: 'tests/it.rs::one', state: 'passed' },
    {
      name: 'tests/it.rs (ended before its tests did)',
      state: 'failed',
      message: 'The test program ended before its tests did: 1 of 2 had a result',
    },
    { name: 'tests/other.rs::two', state: 'passed' },
  ])
})

test('what tests print into the lines of their results loses no test', () => {
  const output = `     Running unittests src/main.rs (target/debug/deps/app-18513087ea129426)

running 4 tests
test a ... hello
ok
test b ... helloFAILED
test c ... no newline test d ... ok
failures:

failures:
    b

test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
`
  const found = parseCargo(output)
  expect(found?.filter(({ state }) => state === 'passed')).toHaveLength(3)
  expect(found?.filter(({ state }) => state === 'failed').map(({ name }) => name)).toEqual([
    'app/src/main.rs::b',
  ])
})

test('compiler errors are failures with their place, each once', () => {
  const error = `error[E0425]: cannot find value \`c\` in this scope
  --> src/lib.rs:11:41
   |
11 | pub fn add(a: i32, b: i32) -> i32 { a - c }
   |                                         ^

`
  const output = `${error}error: could not compile \`my-cart\` (lib) due to 1 previous error\n${error}`
  expect(parseCargo(output)).toEqual([
    {
      name: 'src/lib.rs: cannot find value `c` in this scope',
      state: 'failed',
      message: expect.stringContaining('a - c'),
      file: 'src/lib.rs',
      line: 11,
    },
  ])
  expect(parseCargo('error: no such command: `tst`\n')).toBeNull()
})
