import { expect, test } from 'vitest'
import { tableLines } from './table.ts'

const columns = [{ title: 'RUN' }, { title: 'GOAL', flexible: true }, { title: 'ITER', right: true }]
const rows = [
  ['550e8400', 'make all the tests of this project pass', '3/20'],
  ['6ba7b810', 'pytest', '12/20'],
].map(row => row.map(text => ({ text })))

test('a terminal gets aligned columns, the flexible one cut until the row fits', () => {
  expect(tableLines(columns, rows, 40)).toEqual([
    'RUN       GOAL                      ITER',
    '550e8400  make all the tests of …   3/20',
    '6ba7b810  pytest                   12/20',
  ])
})

test('a program gets the values between tabs, uncut and without a header', () => {
  expect(tableLines(columns, rows, null)).toEqual([
    '550e8400\tmake all the tests of this project pass\t3/20',
    '6ba7b810\tpytest\t12/20',
  ])
})
