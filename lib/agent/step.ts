// The event that begins a step carries the time worked so far, so that a time budget survives restarts and clocks that jump.
import type { NewEvent } from '#lib/contract/event'
import type { Node } from '#lib/contract/events/shared'
import type { AgentDeps } from './deps.ts'

export const stepStart = (deps: Pick<AgentDeps, 'activeMs'>, node: Node, iteration: number): NewEvent => ({
  kind: 'step_start',
  iteration,
  payload: { node, active_ms: Math.round(deps.activeMs()) },
})
