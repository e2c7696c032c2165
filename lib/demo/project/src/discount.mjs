import { percentOf } from './money.mjs'

/**
 * What is left of an amount after discounts such as `{ percent: 10 }` and `{ cents: 500 }`. The rules are in the README.
 */
export function applyDiscounts(cents, discounts) {
  let total = cents
  for (const discount of discounts) {
    if (discount.percent !== undefined) total -= percentOf(cents, discount.percent)
    else total -= discount.cents
  }
  return Math.max(0, total)
}
