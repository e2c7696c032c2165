// Fields that models get slightly wrong in a way that leaves no doubt: "20" for 20, "true" for true.
import { z } from 'zod'

export function wholeNumber(min: number, max: number, description: string) {
  const schema = z.number().int().min(min).max(max)
  return z
    .preprocess(
      value => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
      schema,
    )
    .meta({ description })
}

export function flag(description: string) {
  return z
    .preprocess(value => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
    .meta({ description })
}
