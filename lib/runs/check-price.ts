import { AppError } from '#lib/errors'
import type { Model } from '#lib/models/model'

/** Throws AppError('invalid') where a budget in dollars is asked for and could not be kept. */
export function checkPrice(model: Model, maxCostUsd: number | null): void {
  if (maxCostUsd === null || model.priced) return
  const detail = `The price of ${model.name} is not known, so a budget in dollars cannot be kept; give max_tokens instead`
  throw new AppError('invalid', detail, { fields: [{ pointer: '/max_cost_usd', detail }] })
}
