// What a run's row says follows from its journal: pure, one event at a time. Status moves here and nowhere else.

import { addCost } from '#lib/contract/add-cost'
import type { RunEvent } from '#lib/contract/event'
import { gatePolicyAfter, skippedAfterChange, skippedAfterDecision } from '#lib/contract/gate-policy'
import { isFinal, type RunConfig } from '#lib/contract/runs'
import type { RunRecord } from '#lib/store/types'

const TREND_LENGTH = 50

/** The row after an event. Unknown kinds only move `lastSeq`. */
export function project(record: RunRecord, event: RunEvent): RunRecord {
  const next: RunRecord = {
    ...record,
    lastSeq: event.seq,
    updatedAt: Math.round(event.ts * 1000),
    iteration: Math.max(record.iteration, event.iteration),
  }
  switch (event.kind) {
    case 'run_start':
      next.status = 'running'
      return next
    case 'recovered':
    case 'resumed':
      next.status = event.payload.queued ? 'queued' : 'running'
      next.phase = null
      next.reason = null
      return next
    case 'step_start':
      next.status = 'running'
      next.phase = event.payload.node
      next.reason = null
      return next
    case 'llm_usage': {
      const { payload } = event
      next.totalTokens +=
        payload.input_tokens +
        payload.output_tokens +
        payload.cache_read_input_tokens +
        payload.cache_creation_input_tokens
      next.costUsd = addCost(record.costUsd, payload.cost_usd)
      return next
    }
    case 'goal_check': {
      const { tests, reason } = event.payload
      next.phase = null
      next.reason = reason
      if (tests) {
        next.failing = tests.failed
        next.testsTotal = tests.total
        next.trend = [...record.trend, tests.failed].slice(-TREND_LENGTH)
      }
      return next
    }
    case 'human_check_required':
      next.status = 'waiting'
      next.phase = 'human_check'
      next.reason = event.payload.summary
      next.insertions = event.payload.total_diff_stat?.insertions ?? next.insertions
      next.deletions = event.payload.total_diff_stat?.deletions ?? next.deletions
      next.gate = {
        gateId: event.payload.gate_id,
        iteration: event.payload.iteration,
        openedAt: Math.round(event.ts * 1000),
        summary: event.payload.summary,
        ...(event.payload.kind && { kind: event.payload.kind }),
      }
      return next
    case 'human_check_response':
      next.status = event.payload.queued ? 'queued' : 'running'
      next.phase = null
      next.gate = null
      next.gatesSkipped = skippedAfterDecision(record.gatesSkipped, event.payload, event.iteration)
      return next
    case 'iteration_complete':
    case 'iteration_undone':
      next.insertions = event.payload.total_diff_stat?.insertions ?? next.insertions
      next.deletions = event.payload.total_diff_stat?.deletions ?? next.deletions
      if (event.kind === 'iteration_undone' && event.payload.tests) {
        next.failing = event.payload.tests.failed
        next.testsTotal = event.payload.tests.total
      }
      return next
    case 'paused':
      next.status = 'paused'
      next.phase = null
      next.reason = event.payload.detail
      return next
    case 'config_changed':
      return { ...next, ...limitsOf(event.payload.changes), ...gatesAfter(record, event.payload.changes) }
    case 'error':
      next.error = event.payload.message
      return next
    case 'run_end': {
      const { payload } = event
      next.status = payload.status
      next.phase = null
      next.gate = null
      next.outcome = payload.outcome
      next.reason = payload.reason
      next.endedAt = next.updatedAt
      next.error = payload.status === 'failed' ? (record.error ?? payload.reason) : record.error
      next.finalState = {
        iteration: payload.iterations,
        goal_achieved: payload.achieved,
        goal_reason: payload.reason,
        total_tokens: payload.total_tokens,
        estimated_cost_usd: payload.estimated_cost_usd,
        outcome: payload.outcome,
      }
      return next
    }
    default:
      return next
  }
}

function limitsOf(changes: RunConfig): Partial<RunRecord> {
  return {
    ...(changes.max_iterations === undefined ? {} : { maxIterations: changes.max_iterations }),
    ...(changes.model_name === undefined ? {} : { modelName: changes.model_name }),
    ...(changes.max_cost_usd === undefined ? {} : { maxCostUsd: changes.max_cost_usd }),
    ...(changes.max_tokens === undefined ? {} : { maxTokens: changes.max_tokens }),
    ...(changes.max_minutes === undefined ? {} : { maxMinutes: changes.max_minutes }),
  }
}

const gatesAfter = (
  record: RunRecord,
  changes: RunConfig,
): Pick<RunRecord, 'gatePolicy' | 'gatesSkipped'> => ({
  gatePolicy: gatePolicyAfter(record.gatePolicy, changes),
  gatesSkipped: skippedAfterChange(record.gatesSkipped, changes),
})

/** Nothing may be appended to an ended run. */
export const isEnded = (record: RunRecord) => isFinal(record.status)
