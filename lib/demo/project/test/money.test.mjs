import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCents, percentOf, toCents } from '../src/money.mjs'

test('whole amounts become cents', () => {
  assert.equal(toCents(12), 1200)
  assert.equal(toCents('7.50'), 750)
})

test('amounts that binary fractions cannot hold become the nearest cent', () => {
  assert.equal(toCents(19.99), 1999)
  assert.equal(toCents('1.15'), 115)
})

test('something that is no amount is refused', () => {
  assert.throws(() => toCents('a lot'), TypeError)
})

test('cents are written with two decimals', () => {
  assert.equal(formatCents(1999), '19.99')
  assert.equal(formatCents(5), '0.05')
  assert.equal(formatCents(-1250), '-12.50')
})

test('a percentage is rounded to the nearest cent', () => {
  assert.equal(percentOf(1999, 10), 200)
})
