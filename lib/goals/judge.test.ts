import { expect, test } from 'vitest'
import { type CheckTests, countsOnly } from './check-tests.ts'
import { type Facts, judge } from './judge.ts'

const judged = (facts: {
  exitCode?: number | null
  output?: string
  timedOut?: boolean
  durationMs?: number
  tests?: Partial<CheckTests>
  condition?: Facts['condition']
}) => {
  const { passed = 0, failed = 0, skipped = 0, failing = [] } = facts.tests ?? {}
  return judge({
    result: {
      exitCode: facts.exitCode === undefined ? 0 : facts.exitCode,
      signal: facts.exitCode === null ? 'SIGSEGV' : null,
      timedOut: facts.timedOut ?? false,
      output: facts.output ?? '',
      bytes: 0,
      truncated: false,
      durationMs: facts.durationMs ?? 10,
    },
    tests: facts.tests ? countsOnly({ passed, failed, skipped, failing }) : null,
    condition: facts.condition ?? null,
    timeoutMs: 600_000,
  })
}
const yes = (reason: string) => ({ achieved: true, reason })
const no = (reason: string) => ({ achieved: false, reason })

test('tests that ran and passed are green', async () => {
  expect(await judged({ tests: { passed: 42 } })).toEqual(yes('All 42 tests passed'))
  expect(await judged({ tests: { passed: 40, skipped: 2 } })).toEqual(yes('40 of 42 tests passed, 2 skipped'))
  expect(await judged({})).toEqual(yes('Exit code 0'))
})

test('failing tests are red, whatever the exit code says', async () => {
  expect(await judged({ exitCode: 1, tests: { passed: 39, failed: 3 } })).toEqual(no('3 of 42 tests failing'))
  expect(await judged({ tests: { passed: 39, failed: 3 } })).toEqual(
    no('3 of 42 tests failing, although the exit code is 0'),
  )
})

test('no tests, or only skipped ones, are not green', async () => {
  expect(await judged({ tests: {} })).toEqual(no('No tests were run'))
  expect(await judged({ tests: { skipped: 5 } })).toEqual(no('All 5 tests were skipped'))
})

test('passing tests do not excuse a failing command', async () => {
  expect(await judged({ exitCode: 2, tests: { passed: 3 } })).toEqual(
    no('All 3 tests passed, but the command failed: exit code 2'),
  )
})

test('a time-out and a signal are named', async () => {
  expect(await judged({ timedOut: true, exitCode: null })).toEqual(
    no('The check did not finish within 600 s'),
  )
  expect(await judged({ exitCode: null })).toEqual(no('Ended by SIGSEGV'))
})

test('each condition that fails is the reason', async () => {
  const condition = { exit_code: 3, output_contains: 'ready', output_regex: '^ready \\d+$', max_seconds: 5 }
  const good = { exitCode: 3, output: '\u001b[32mready 7\u001b[0m\n', condition }
  expect(await judged(good)).toEqual(
    yes('Exit code 3, the output contains “ready”, the output matches “^ready \\d+$”, it took less than 5 s'),
  )
  expect(await judged({ ...good, exitCode: 0 })).toEqual(no('Exit code 0, expected 3'))
  expect(await judged({ ...good, output: 'no' })).toEqual(no('The output does not contain “ready”'))
  expect(await judged({ ...good, output: 'ready x' })).toEqual(no('The output does not match “^ready \\d+$”'))
  expect(await judged({ ...good, durationMs: 7200 })).toEqual(no('It took 7.2 s, more than 5 s'))
})

test('any exit code will do when the user says so', async () => {
  const condition = { exit_code: 'any' as const, output_contains: 'x' }
  expect(await judged({ exitCode: 9, output: 'x', condition })).toMatchObject({ achieved: true })
})
