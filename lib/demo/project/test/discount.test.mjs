import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyDiscounts } from '../src/discount.mjs'

test('without discounts nothing changes', () => {
  assert.equal(applyDiscounts(5000, []), 5000)
})

test('a second percentage is taken from what the first one left', () => {
  assert.equal(applyDiscounts(10000, [{ percent: 20 }, { percent: 10 }]), 7200)
})

test('fixed amounts come after percentages, in whatever order they are given', () => {
  assert.equal(applyDiscounts(10000, [{ cents: 1000 }, { percent: 50 }, { percent: 50 }]), 1500)
})

test('a total is never below zero', () => {
  assert.equal(applyDiscounts(300, [{ cents: 500 }]), 0)
})
