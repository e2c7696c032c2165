import { toCents } from './money.mjs'

export function createCart() {
  const lines = []

  return {
    get lines() {
      return lines.map(line => ({ ...line }))
    },

    add(name, price, quantity = 1) {
      if (!Number.isInteger(quantity) || quantity < 1) throw new RangeError(`Not a quantity: ${quantity}`)
      lines.push({ name, cents: toCents(price), quantity })
    },

    /** Takes out the lines with these numbers, as the customer sees them. */
    removeLines(...numbers) {
      for (const number of numbers) {
        if (number < 0 || number >= lines.length) throw new RangeError(`No line ${number}`)
        lines.splice(number, 1)
      }
    },

    subtotal() {
      return lines.reduce((sum, line) => sum + line.cents * line.quantity, 0)
    },
  }
}
