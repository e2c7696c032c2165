// Where a run would get to if it went on as it has so far. Pure.
import type { IterationFacts } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'

export interface Pace {
  /** Iterations in all, until everything that fails is fixed; null where it does not get better. */
  iterationsToGoal: number | null
  /** What that would cost in all; null where a price is not known or it does not get better. */
  costToGoal: number | null
  /** What all iterations that are allowed would cost. */
  costOfAll: number | null
  /** The budget that ends first, and in which iteration; null where the iterations do. */
  endsBy: { budget: 'cost' | 'tokens' | 'time'; iteration: number } | null
}

/** null before an iteration is over: one that goes on says nothing of how long it takes. */
export function paceOf(run: Run, iterations: readonly IterationFacts[]): Pace | null {
  const done = iterations.filter(facts => facts.endedAt !== null)
  if (done.length === 0) return null
  const per = (of: (facts: IterationFacts) => number) =>
    done.reduce((sum, facts) => sum + of(facts), 0) / done.length
  const isPriced = done.every(facts => facts.costUsd !== null)
  const cost = isPriced ? per(facts => facts.costUsd ?? 0) : null
  const tokens = per(facts => facts.tokens)
  const minutes = per(facts => ((facts.endedAt ?? facts.startedAt) - facts.startedAt) / 60)
  const iterationsToGoal = untilFixed(run, done)
  const ends = [
    { budget: 'cost' as const, iteration: lasts(run.max_cost_usd, cost) },
    { budget: 'tokens' as const, iteration: lasts(run.max_tokens, tokens) },
    { budget: 'time' as const, iteration: lasts(run.max_minutes, minutes) },
  ].filter(end => end.iteration < run.max_iterations)
  ends.sort((a, b) => a.iteration - b.iteration)
  return {
    iterationsToGoal,
    costToGoal: iterationsToGoal === null || cost === null ? null : cost * iterationsToGoal,
    costOfAll: cost === null ? null : cost * run.max_iterations,
    endsBy: ends[0] ?? null,
  }
}

/** The iteration in which a budget runs out. */
const lasts = (budget: number | null, each: number | null): number =>
  budget === null || each === null || each <= 0
    ? Number.POSITIVE_INFINITY
    : Math.max(1, Math.ceil(budget / each))

/** By the failing tests of each check: from the first to now, so many fewer per iteration. */
function untilFixed(run: Run, done: readonly IterationFacts[]): number | null {
  const first = done[0]?.failingBefore ?? null
  const last = done.at(-1)
  const now = last?.check?.tests?.failed ?? null
  if (first === null || now === null || last === undefined || now === 0 || now >= first) return null
  const each = (first - now) / done.length
  const total = last.iteration + Math.ceil(now / each)
  return total <= run.max_iterations * 10 ? total : null
}
