import { expect, test } from 'vitest'
import { RUN_SORTS } from '../contract/runs.ts'
import { compareRuns, NEWEST_FIRST, nextSort, readSort, SORT_KEYS } from './run-sort.ts'
import { summary } from './run-summary.fixture.ts'

test('the orders are those of the contract, and anything else is the usual one', () => {
  expect(SORT_KEYS).toEqual(RUN_SORTS)
  expect(readSort('-cost')).toBe('-cost')
  expect(readSort('failing')).toBe('failing')
  for (const text of ['', '--cost', 'price', '-']) expect(readSort(text)).toBe(NEWEST_FIRST)
})

test('a column goes through largest, smallest and back to the usual order', () => {
  expect(nextSort(NEWEST_FIRST, 'cost')).toBe('-cost')
  expect(nextSort('-cost', 'cost')).toBe('cost')
  expect(nextSort('cost', 'cost')).toBe(NEWEST_FIRST)
  expect(nextSort('cost', 'failing')).toBe('-failing')
  expect(nextSort(NEWEST_FIRST, 'created')).toBe('created')
})

test('what has no value comes last in both directions, and equal ones keep the order of the server', () => {
  const runs = [
    summary({ run_id: 'a', estimated_cost_usd: null }),
    summary({ run_id: 'b', estimated_cost_usd: 2 }),
    summary({ run_id: 'c', estimated_cost_usd: 5 }),
    summary({ run_id: 'd', estimated_cost_usd: 2 }),
  ]
  const ids = (sort: '-cost' | 'cost') =>
    runs
      .toSorted(compareRuns(sort))
      .map(r => r.run_id)
      .join('')
  expect(ids('-cost')).toBe('cdba')
  expect(ids('cost')).toBe('bdca')
})
