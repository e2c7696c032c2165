import { expect, test } from 'vitest'
import { addCost } from './add-cost.ts'

test('a sum of many small bills is the one on paper', () => {
  const bills = Array.from({ length: 100 }, () => 0.0171)
  expect(bills.reduce<number | null>(addCost, 0)).toBe(1.71)
})

test('one unknown bill makes the sum unknown', () => {
  expect([addCost(null, 1), addCost(1, null)]).toEqual([null, null])
})
