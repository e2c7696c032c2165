// Statuses for the browser, without the contract's Zod schemas (see endpoints.ts).
import type { FinalStatus, RunStatus } from '../contract/runs.ts'

/** In the order people care: what needs them, what moves, what ended. */
export const STATUSES = [
  'waiting',
  'running',
  'queued',
  'paused',
  'achieved',
  'exhausted',
  'failed',
  'aborted',
] as const satisfies readonly RunStatus[]

export const FINAL = ['achieved', 'exhausted', 'failed', 'aborted'] as const satisfies readonly FinalStatus[]

export const isFinal = (status: RunStatus): status is FinalStatus =>
  (FINAL as readonly RunStatus[]).includes(status)

/** Of runs that have not ended. */
export const ACTIVE: RunStatus[] = STATUSES.filter(s => !isFinal(s))

/** As it stands on the page: `waiting` is said as what it asks for. */
export const STATUS_WORD: Record<RunStatus, string> = {
  queued: 'queued',
  running: 'running',
  waiting: 'needs you',
  paused: 'paused',
  achieved: 'achieved',
  exhausted: 'exhausted',
  failed: 'failed',
  aborted: 'aborted',
}
