// When a run stops at a gate after an iteration, what becomes of a gate that nobody answers, and which gates a person has said
// need not open. Pure, and without the library that checks it: the dashboard folds it too.

export const GATE_MODES = ['each', 'flags', 'off'] as const
/** `each`: after each unmet iteration; `flags`: only after one with something to look at. */
export type GateMode = (typeof GATE_MODES)[number]

export const ON_TIMEOUT = ['wait', 'abort', 'approve'] as const
export type OnTimeout = (typeof ON_TIMEOUT)[number]

/** Settled: `timeout_minutes` is null exactly when `on_timeout` is `wait`. */
export interface GatePolicy {
  mode: GateMode
  timeout_minutes: number | null
  on_timeout: OnTimeout
}

/** As a request says it; what is left out stays as it was. */
export interface GateRequest {
  hitl_enabled?: boolean | undefined
  gate_policy?:
    | GateMode
    | {
        mode?: GateMode | undefined
        timeout_minutes?: number | null | undefined
        on_timeout?: OnTimeout | undefined
      }
    | undefined
}

export const NO_GATES: GatePolicy = { mode: 'off', timeout_minutes: null, on_timeout: 'wait' }

/** Iterations up to this one open no gate of their own; `rest`: none does any more. */
export type GatesSkipped = number | 'rest' | null

/** The policy after a request; the finer word goes before `hitl_enabled`. */
export function gatePolicyAfter(before: GatePolicy, request: GateRequest): GatePolicy {
  const asked = askedOf(request)
  const minutes = asked.timeout_minutes === undefined ? before.timeout_minutes : asked.timeout_minutes
  // Who names a time wants something to happen then.
  const isNewlyTimed = asked.timeout_minutes !== undefined && before.on_timeout === 'wait'
  const then = asked.on_timeout ?? (isNewlyTimed ? 'abort' : before.on_timeout)
  const isTimed = minutes !== null && then !== 'wait'
  return {
    mode: asked.mode ?? modeAfter(before.mode, request.hitl_enabled),
    timeout_minutes: isTimed ? minutes : null,
    on_timeout: isTimed ? then : 'wait',
  }
}

function modeAfter(before: GateMode, isEnabled: boolean | undefined): GateMode {
  if (isEnabled === undefined) return before
  if (!isEnabled) return 'off'
  return before === 'off' ? 'each' : before
}

function askedOf({ gate_policy: asked }: GateRequest) {
  return typeof asked === 'string' ? { mode: asked } : (asked ?? {})
}

/** What is wrong with a request beside the policy that holds; null when nothing is. */
export function gateProblem(
  before: GatePolicy,
  request: GateRequest,
): { pointer: string; detail: string } | null {
  const { mode, on_timeout: then = 'wait' } = askedOf(request)
  if (request.hitl_enabled === true && mode === 'off')
    return { pointer: '/hitl_enabled', detail: 'asks for gates, and gate_policy says off: say one of them' }
  if (then !== 'wait' && gatePolicyAfter(before, request).timeout_minutes === null)
    return { pointer: '/gate_policy/timeout_minutes', detail: `is missing: after how long to ${then}` }
  return null
}

/** After a decision: the gates of the next iterations need not open. */
export const skippedAfterDecision = (
  before: GatesSkipped,
  { approve_next: next }: { approve_next?: number | 'rest' | undefined },
  iteration: number,
): GatesSkipped => (next === undefined ? before : next === 'rest' ? 'rest' : iteration + next)

/** After a change of the settings: whoever says when to ask wants to be asked. */
export const skippedAfterChange = (before: GatesSkipped, changes: GateRequest): GatesSkipped =>
  changes.hitl_enabled === true || askedOf(changes).mode !== undefined ? null : before

export const isGateSkipped = (skipped: GatesSkipped, iteration: number): boolean =>
  skipped === 'rest' || (skipped !== null && iteration <= skipped)

/** `gates are skipped for the next 2 iterations`; null when the next one opens as the policy says. */
export function skippedWords(skipped: GatesSkipped, iteration: number): string | null {
  if (skipped === 'rest') return 'gates are skipped for the rest of the run'
  const left = skipped === null ? 0 : skipped - iteration
  if (left <= 0) return null
  return `gates are skipped for the next ${left === 1 ? 'iteration' : `${left} iterations`}`
}

/** `after each iteration, aborted after 30 minutes without an answer`. */
export function gatePolicyWords({ mode, timeout_minutes, on_timeout }: GatePolicy): string {
  if (mode === 'off') return 'off'
  const when = mode === 'each' ? 'after each iteration' : 'only after an iteration with flags'
  if (timeout_minutes === null) return when
  const what = on_timeout === 'approve' ? 'approved' : 'aborted'
  return `${when}, ${what} after ${minutesWords(timeout_minutes)} without an answer`
}

export function minutesWords(minutes: number): string {
  const [value, unit] =
    minutes < 1 ? [Math.ceil(minutes * 60), 'second'] : [Math.round(minutes * 10) / 10, 'minute']
  return `${value} ${value === 1 ? unit : `${unit}s`}`
}

/**
 * What somebody who cannot look decides: who approves each iteration beforehand has not seen the command, the settings, or the
 * check that a model wrote, so these are not meant.
 */
export function decisionUnseen(
  wanted: 'approve' | 'abort',
  asked: { command?: unknown; config?: unknown; check?: unknown },
): 'approve' | 'deny' | 'abort' {
  if (wanted === 'abort') return 'abort'
  return asked.command ? 'deny' : asked.config || asked.check ? 'abort' : 'approve'
}
