import { expect, test } from 'vitest'
import { countsOnly, type TestCase, testsFrom } from '#lib/goals/check-tests'
import { flagsAgainstStart } from './against-start.ts'

const tests = (...cases: string[]) =>
  testsFrom(
    cases.map((text): TestCase => {
      const [state, ...name] = text.split(' ')
      return { name: name.join(' '), state: state as TestCase['state'], file: name.join(' ').split('::')[0]! }
    }),
  )
const codes = (...args: Parameters<typeof flagsAgainstStart>) =>
  flagsAgainstStart(...args).map(({ code, blocks }) => (blocks ? `${code}!` : code))

test('nothing to say when all tests of the start ran, and new ones besides', () => {
  expect(
    codes(
      tests('failed a.py::x', 'passed a.py::y'),
      tests('passed a.py::x', 'passed a.py::y', 'passed a.py::z'),
    ),
  ).toEqual([])
})

test('a test that vanished, and one that is skipped now, are missing by name', () => {
  const start = tests('failed a.py::x', 'passed a.py::y', 'passed a.py::z')
  expect(codes(start, tests('passed a.py::y', 'passed a.py::z'))).toEqual(['fewer_tests', 'tests_missing!'])
  const flags = flagsAgainstStart(start, tests('skipped a.py::x', 'passed a.py::y', 'passed a.py::z'))
  expect(flags.at(-1)).toMatchObject({
    code: 'tests_missing',
    blocks: true,
    detail: expect.stringContaining('a.py::x'),
  })
})

test('another test does not make up for one that vanished', () => {
  expect(
    codes(tests('failed a.py::x', 'passed a.py::y'), tests('passed a.py::y', 'passed b.py::new')),
  ).toEqual(['tests_missing!'])
})

test('skipped at the start may stay skipped', () => {
  expect(
    codes(tests('skipped a.py::x', 'failed a.py::y'), tests('skipped a.py::x', 'passed a.py::y')),
  ).toEqual([])
})

test('a file that could not be loaded at the start is answered by the tests in it', () => {
  const start = tests('failed tests/a.py (collection error)', 'passed tests/b.py::y')
  expect(
    codes(start, tests('passed tests/a.py::one', 'passed tests/a.py::two', 'passed tests/b.py::y')),
  ).toEqual([])
  expect(codes(start, tests('passed tests/b.py::y'))).toContain('tests_missing!')
})

test('addresses and numbers in names may differ', () => {
  expect(
    codes(
      tests('failed a.py::x[<obj at 0x7f01>]', 'failed a.py::x[1.5]'),
      tests('passed a.py::x[<obj at 0x8e2>]', 'passed a.py::x[2.5]'),
    ),
  ).toEqual([])
})

test('where only counts are known they have to do', () => {
  const start = countsOnly({ passed: 3, failed: 2, skipped: 1 })
  expect(codes(start, countsOnly({ passed: 5, failed: 0, skipped: 1 }))).toEqual([])
  expect(codes(start, countsOnly({ passed: 4, failed: 0, skipped: 1 }))).toContain('tests_missing!')
  expect(codes(start, countsOnly({ passed: 2, failed: 0, skipped: 4 }))).toContain('tests_missing!')
})

test('a check that says nothing of its tests any more does not count', () => {
  expect(codes(tests('failed a.py::x'), null)).toEqual(['tests_missing!'])
  expect(codes(tests('failed a.py::x'), tests())).toContain('no_tests!')
})

test('findings of a linter are to vanish', () => {
  const start = { ...tests('failed a.ts TS1'), unit: 'problems' as const }
  expect(codes(start, { ...tests(), unit: 'problems' })).toEqual([])
})
