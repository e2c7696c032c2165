import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCart } from '../src/cart.mjs'

function cartWith(...names) {
  const cart = createCart()
  for (const name of names) cart.add(name, 1)
  return cart
}

const namesIn = cart => cart.lines.map(line => line.name)

test('a new cart is empty', () => {
  assert.deepEqual(createCart().lines, [])
  assert.equal(createCart().subtotal(), 0)
})

test('the subtotal counts quantities', () => {
  const cart = createCart()
  cart.add('tea', 4, 3)
  cart.add('cup', 9.5)
  assert.equal(cart.subtotal(), 2150)
})

test('the subtotal is exact to the cent', () => {
  const cart = createCart()
  cart.add('lamp', 19.99, 3)
  cart.add('bulb', 4.35, 2)
  assert.equal(cart.subtotal(), 6867)
})

test('one line is removed by its number', () => {
  const cart = cartWith('tea', 'cup', 'pot')
  cart.removeLines(1)
  assert.deepEqual(namesIn(cart), ['tea', 'pot'])
})

test('several lines are removed by the numbers the customer sees', () => {
  const cart = cartWith('tea', 'cup', 'pot', 'spoon')
  cart.removeLines(0, 2)
  assert.deepEqual(namesIn(cart), ['cup', 'spoon'])
})
