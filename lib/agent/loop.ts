// The run, top to bottom: baseline, then plan ⇄ act, evaluate, gate, until the check passes or a budget is spent. Every
// decision is taken from the folded journal, so this also is how a run goes on after a restart.
import type { NewEvent } from '#lib/contract/event'
import type { Outcome } from '#lib/contract/events/shared'
import { crashPoint } from '#lib/crash-point'
import { isModelError, type ModelError } from '#lib/models/model'
import { act } from './act.ts'
import { needsGate, openGate } from './approval.ts'
import { askAboutConfig, needsAcceptance } from './ask-before.ts'
import type { AgentDeps } from './deps.ts'
import { baseline, evaluate } from './evaluate.ts'
import { spentBudget } from './limits.ts'
import { endingEvents } from './outcome.ts'
import { plan } from './plan.ts'
import { undoIteration } from './undo.ts'
import { needsCheck, writeCheck } from './write-check.ts'

/** Why the loop let go of the run: it has ended, a gate is open, or it holds until the model can be reached. */
export type Stop = 'ended' | 'waiting' | 'paused'

const BAD_ANSWERS_IN_A_ROW = 3
const UNAVAILABLE_SECONDS = 60
/** A limit that people set, or an empty account: asking each minute helps nobody. */
const QUOTA_SECONDS = 15 * 60

/**
 * Drives a run from wherever its journal ends to its end, a gate or a pause. Rejects with the signal's reason when aborted
 * (everything it started is dead by then), and with whatever `emit` rejects with.
 */
export async function runAgent(deps: AgentDeps): Promise<Stop> {
  const { state } = deps
  for (;;) {
    deps.draining.throwIfAborted()
    switch (state.phase) {
      case 'ended':
        return 'ended'
      case 'gate':
        return 'waiting'
      case 'baseline': {
        if (needsAcceptance(deps)) {
          await askAboutConfig(deps)
          break
        }
        const stop = await asking(deps, () => (needsCheck(deps) ? writeCheck(deps) : baseline(deps)))
        if (stop) return stop
        break
      }
      case 'between':
        await decide(deps)
        break
      case 'undo':
        await undoIteration(deps)
        break
      case 'plan': {
        const stop = await planWithin(deps, state.iteration)
        if (stop) return stop
        break
      }
      case 'act':
        await act(deps)
        break
      case 'evaluate': {
        const stop = await asking(deps, () => evaluate(deps))
        if (stop) return stop
        break
      }
      default:
        return state.phase satisfies never
    }
  }
}

/** After a check: done, gate, budget, or the next attempt. */
async function decide(deps: AgentDeps): Promise<void> {
  const { state } = deps
  const check = state.lastCheck
  if (check?.achieved) return end(deps, check.baseline ? 'already_green' : 'achieved', check.reason)
  if (check?.broken && check.baseline) return end(deps, 'check_broken', check.reason)
  if (state.abortedAtGate) {
    const { decided_by, note } = state.abortedAtGate
    return end(deps, 'aborted', `Aborted at the gate by ${decided_by}${note ? `: ${note}` : ''}`)
  }
  const limits = deps.limits()
  if (needsGate(deps)) return openGate(deps)

  const spent = spentBudget(state, limits, deps.activeMs(), true)
  if (spent) return end(deps, spent.outcome, sentence(spent.reason, check?.reason))
  const { noProgressAfter } = deps.briefing
  // At a gate a person has seen it and wants to go on.
  const isSeen = state.approvedIteration === state.iteration
  if (!isSeen && noProgressAfter > 0 && state.isReflected && state.sameFor - 1 > noProgressAfter) {
    const reason = `${state.sameFor - 1} iterations in a row left the same failures, the last one after a reflection`
    return end(deps, 'no_progress', sentence(reason, check?.reason))
  }
  state.phase = 'plan'
  state.isNewIteration = true
}

/** One model call inside its budgets. */
async function planWithin(deps: AgentDeps, iteration: number): Promise<Stop | null> {
  const { state } = deps
  const isNew = state.isNewIteration
  const bad = Math.max(state.emptyAnswers, state.unusableAnswers)
  if (bad >= BAD_ANSWERS_IN_A_ROW) {
    await end(deps, 'model_protocol', `The model gave ${bad} answers in a row that cannot be used`)
    return null
  }
  const spent = spentBudget(state, deps.limits(), deps.activeMs(), isNew)
  if (spent) {
    // What was done since the last check deserves a verdict before the run ends.
    if (!isNew && state.turn > 0) state.phase = 'evaluate'
    else await end(deps, spent.outcome, sentence(spent.reason, state.lastCheck?.reason))
    return null
  }
  return asking(deps, () => plan(deps, isNew ? iteration + 1 : iteration))
}

/** A step that asks a model. When none can be asked the run holds; when it never can be, the run ends. */
async function asking(deps: AgentDeps, step: () => Promise<void>): Promise<Stop | null> {
  try {
    await step()
  } catch (error) {
    if (!isModelError(error)) throw error
    if (error.failure === 'unavailable' || error.failure === 'quota') return pause(deps, error.failure, error)
    await deps.emit([errorEvent(error, deps.state.iteration, 'model_error')])
    await end(deps, 'model_error', error.message)
  }
  return null
}

async function pause(deps: AgentDeps, failure: 'unavailable' | 'quota', error: ModelError): Promise<Stop> {
  const isQuota = failure === 'quota'
  const askedSeconds = (error.retryAfterMs ?? 0) / 1000
  await deps.emit([
    {
      kind: 'paused',
      iteration: deps.state.iteration,
      payload: {
        reason: isQuota ? 'model_quota' : 'model_unavailable',
        detail: error.message,
        retry_at: deps.wallClock() + Math.max(isQuota ? QUOTA_SECONDS : UNAVAILABLE_SECONDS, askedSeconds),
      },
    },
  ])
  return 'paused'
}

async function end(deps: AgentDeps, outcome: Outcome, reason: string): Promise<void> {
  crashPoint('before-run-end')
  await deps.emit(endingEvents(deps.state, outcome, reason, deps.activeMs()))
  crashPoint('after-run-end')
}

export function errorEvent(error: unknown, iteration: number, code: string | null): NewEvent {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { kind: 'error', iteration, payload: { message, traceback: stack ?? '', code } }
}

const sentence = (spent: string, verdict: string | undefined) =>
  `Stopped because ${spent}${verdict ? `. Last check: ${verdict}` : ''}`
