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
  now: number,
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
  const minutes = activeSeconds(state, now) / 60
  if (limits.maxMinutes !== null && minutes >= limits.maxMinutes) {
    return { outcome: 'time', reason: `the budget of ${limits.maxMinutes} minutes is spent` }
  }
  return null
}

/** Seconds since the start, without the time at gates and in pauses. */
export function activeSeconds(state: RunState, now: number): number {
  if (state.startedAt === null) return 0
  const idleNow = state.idleSince === null ? 0 : now - state.idleSince
  return Math.max(0, now - state.startedAt - state.idleSeconds - idleNow)
}
