/** Cents of an amount such as 19.99 or '19.99'. */
export function toCents(amount) {
  const value = Number(amount)
  if (!Number.isFinite(value)) throw new TypeError(`Not an amount: ${amount}`)
  return Math.trunc(value * 100)
}

/** '19.99' of 1999. */
export function formatCents(cents) {
  const sign = cents < 0 ? '-' : ''
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** The given percentage of an amount, rounded to the nearest cent. */
export function percentOf(cents, percent) {
  return Math.round((cents * percent) / 100)
}
