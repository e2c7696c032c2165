import { expect, test } from 'vitest'
import { parseGo, readableGo } from './go-output.ts'

const at = (event: Record<string, unknown>) => JSON.stringify({ Time: '2026-11-26T09:24:11.36Z', ...event })
const cart = (event: Record<string, unknown>) => at({ Package: 'example.com/cart/sum', ...event })
const EVENTS = [
  cart({ Action: 'run', Test: 'TestAdd' }),
  cart({ Action: 'output', Test: 'TestAdd', Output: '=== RUN   TestAdd\n' }),
  cart({ Action: 'output', Test: 'TestAdd/a_b', Output: '    cart_test.go:3: got -1\n' }),
  cart({ Action: 'output', Test: 'TestAdd', Output: '--- FAIL: TestAdd (0.00s)\n' }),
  cart({ Action: 'fail', Test: 'TestAdd/a_b', Elapsed: 0 }),
  cart({ Action: 'pass', Test: 'TestAdd/ok', Elapsed: 0 }),
  cart({ Action: 'fail', Test: 'TestAdd', Elapsed: 0 }),
  cart({ Action: 'output', Test: 'TestSkip', Output: '    cart_test.go:4: slow\n' }),
  cart({ Action: 'skip', Test: 'TestSkip', Elapsed: 0 }),
  cart({ Action: 'run', Test: 'TestHang' }),
  cart({ Action: 'output', Output: 'FAIL\texample.com/cart\t0.002s\n' }),
  cart({ Action: 'fail', Elapsed: 0.002 }),
  '{"not": "an event"}',
  '',
].join('\n')

test('tests and subtests have their states, messages and places; one without an end failed', () => {
  const name = 'example.com/cart/sum.Test'
  expect(parseGo(EVENTS, 'example.com/cart')).toEqual([
    { name: `${name}Add`, state: 'failed' },
    {
      name: `${name}Add/a_b`,
      state: 'failed',
      message: 'cart_test.go:3: got -1',
      file: 'sum/cart_test.go',
      line: 3,
    },
    { name: `${name}Add/ok`, state: 'passed' },
    {
      name: `${name}Skip`,
      state: 'skipped',
      message: 'cart_test.go:4: slow',
      file: 'sum/cart_test.go',
      line: 4,
    },
    { name: `${name}Hang`, state: 'failed', message: 'It was running when the test program ended' },
  ])
})

test('what the compiler says is a failure with its place, as older and newer versions print it', () => {
  const failed = {
    name: 'bad/bad.go: undefined: y',
    state: 'failed',
    message: 'bad/bad.go:2:12: undefined: y',
    file: 'bad/bad.go',
    line: 2,
  }
  const older = '# example.com/cart/bad [example.com/cart/bad.test]\nbad/bad.go:2:12: undefined: y\n'
  expect(parseGo(`${older}FAIL\texample.com/cart/bad [build failed]\n`, 'example.com/cart')).toEqual([failed])
  const newer = [
    at({
      ImportPath: 'example.com/cart/bad',
      Action: 'build-output',
      Output: 'bad/bad.go:2:12: undefined: y\n',
    }),
    at({ ImportPath: 'example.com/cart/bad', Action: 'build-fail' }),
    at({
      Action: 'output',
      Package: 'example.com/cart/bad',
      Output: 'FAIL\texample.com/cart/bad [build failed]\n',
    }),
    at({ Action: 'fail', Package: 'example.com/cart/bad', FailedBuild: 'example.com/cart/bad' }),
  ].join('\n')
  expect(parseGo(newer, 'example.com/cart')).toEqual([failed])
})

test('a package that fails without a failing test is itself the failure', () => {
  const report = [
    at({ Action: 'output', Package: 'x', Output: 'panic: in TestMain\n' }),
    at({ Action: 'fail', Package: 'x' }),
  ].join('\n')
  expect(parseGo(report, null)).toEqual([
    { name: 'x (package)', state: 'failed', message: 'panic: in TestMain' },
  ])
  expect(parseGo('nothing of go\n', null)).toBeNull()
})

test('the output is shown as go prints it', () => {
  expect(readableGo(`# x\n${EVENTS}`)).toBe(
    '# x\n    cart_test.go:3: got -1\n--- FAIL: TestAdd (0.00s)\n    cart_test.go:4: slow\n' +
      'FAIL\texample.com/cart\t0.002s\n{"not": "an event"}\n',
  )
})
