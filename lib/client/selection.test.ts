import { expect, test } from 'vitest'
import { extendTo, NOTHING_SELECTED, toggle, toggleAll } from './selection.ts'

const ORDER = ['a', 'b', 'c', 'd', 'e']
const said = ({ ids }: { ids: ReadonlySet<string> }) => [...ids].sort().join('')

test('a row is selected, and selected again it is not', () => {
  const one = toggle(NOTHING_SELECTED, 'b')
  expect(said(one)).toBe('b')
  expect(said(toggle(one, 'b'))).toBe('')
  expect(said(NOTHING_SELECTED)).toBe('')
})

test('a range goes from the row before to this one, in either direction, and keeps what was selected', () => {
  const from = toggle(toggle(NOTHING_SELECTED, 'e'), 'c')
  expect(said(extendTo(from, 'a', ORDER))).toBe('abce')
  const down = extendTo(toggle(NOTHING_SELECTED, 'b'), 'd', ORDER)
  expect(said(down)).toBe('bcd')
  expect(said(extendTo(down, 'a', ORDER))).toBe('abcd')
})

test('a range without a beginning is the row itself, and a row that is not in the list changes nothing', () => {
  expect(said(extendTo(NOTHING_SELECTED, 'c', ORDER))).toBe('c')
  expect(said(extendTo(toggle(NOTHING_SELECTED, 'x'), 'c', ORDER))).toBe('cx')
  expect(said(extendTo(toggle(NOTHING_SELECTED, 'a'), 'x', ORDER))).toBe('a')
})

test('all rows are selected at once, and unselected when all are', () => {
  const all = toggleAll(toggle(NOTHING_SELECTED, 'c'), ORDER)
  expect(said(all)).toBe('abcde')
  expect(said(toggleAll(all, ORDER))).toBe('')
  expect(said(toggleAll(NOTHING_SELECTED, []))).toBe('')
})
