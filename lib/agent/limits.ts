// Budgets are envelopes, checked before each model call.
import type { Outcome } from '#lib/contract/events/shared'
import type { Limits } from './deps.ts'
import type { RunState } from './state.ts'

export interface Spent {
  outcome: Extract<Outcome, 'iterations' | 'cost' | 'tokens' | 'time'>
  reason: string
}

/** The budget that is used up, if one is. `isNewIteration`: whether the next model call would begin another attempt. */
export function spentBudget(
  state: RunState,
  limits: Limits,
  activeMs: number,
  isNewIteration: boolean,
): Spent | null {
  if (isNewIteration && state.iteration >= limits.maxIterations) {
    return {
      outcome: 'iterations',
      reason:
        limits.maxIterations === 1
          ? 'its 1 iteration is spent'
          : `all ${limits.maxIterations} iterations are spent`,
    }
  }
  // A cost that is not known may be any: a budget that cannot be kept counts as spent.
  if (limits.maxCostUsd !== null && (state.costUsd === null || state.costUsd >= limits.maxCostUsd)) {
    const why = state.costUsd === null ? 'cannot be kept, as the price of the model is not known' : 'is spent'
    return { outcome: 'cost', reason: `the budget of $${limits.maxCostUsd} ${why}` }
  }
  if (limits.maxTokens !== null && state.totalTokens >= limits.maxTokens) {
    return { outcome: 'tokens', reason: `the budget of ${limits.maxTokens} tokens is spent` }
  }
  if (limits.maxMinutes !== null && activeMs / 60_000 >= limits.maxMinutes) {
    return { outcome: 'time', reason: `the budget of ${limits.maxMinutes} minutes is spent` }
  }
  return null
}
