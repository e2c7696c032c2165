import { expect, test } from 'vitest'
import { countStates, filterCases, type TestCase } from './filter-cases.ts'

const cases: TestCase[] = [
  { name: 'adds', state: 'passed', file: 'sum.test.ts' },
  { name: 'waits', state: 'skipped' },
  { name: 'subtracts', state: 'failed', file: 'sum.test.ts', message: 'Expected 1' },
]
const names = (found: TestCase[]) => found.map(({ name }) => name)

test('the failed come first; every word has to be somewhere in name, file or message', () => {
  expect(names(filterCases(cases, { states: [], words: '' }))).toEqual(['subtracts', 'adds', 'waits'])
  expect(names(filterCases(cases, { states: [], words: 'SUM' }))).toEqual(['subtracts', 'adds'])
  expect(names(filterCases(cases, { states: [], words: 'sum expected' }))).toEqual(['subtracts'])
  expect(filterCases(cases, { states: [], words: 'nothing' })).toEqual([])
})

test('chosen states leave the others out', () => {
  expect(names(filterCases(cases, { states: ['skipped', 'passed'], words: '' }))).toEqual(['adds', 'waits'])
  expect(countStates(cases)).toEqual({ failed: 1, passed: 1, skipped: 1 })
})
