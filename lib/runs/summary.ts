// A run's row in the words of the API.
import type { Queued, Run, RunSummary } from '#lib/contract/runs'
import type { RunRecord } from '#lib/store/types'
import { type SandboxState, sandboxOf } from './command-freedom.ts'

/** Whole seconds, as the API has always shown them. */
export const isoTime = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

/** `queued`: its place in the line, which is in no row; only asked of runs that are queued. */
export function toSummary(record: RunRecord, queued: Queued): RunSummary {
  return {
    run_id: record.id,
    goal: record.goal,
    status: record.status,
    created_at: isoTime(record.createdAt),
    model_name: record.modelName,
    max_iterations: record.maxIterations,
    hitl_enabled: record.gatePolicy.mode !== 'off',
    cwd: record.cwd,
    updated_at: isoTime(record.updatedAt),
    ended_at: record.endedAt === null ? null : isoTime(record.endedAt),
    phase: record.phase,
    iteration: record.iteration,
    failing: record.failing,
    tests_total: record.testsTotal,
    trend: record.trend,
    insertions: record.insertions,
    deletions: record.deletions,
    total_tokens: record.totalTokens,
    estimated_cost_usd: record.costUsd,
    max_cost_usd: record.maxCostUsd,
    outcome: record.outcome,
    reason: record.reason,
    gate: record.gate && {
      gate_id: record.gate.gateId,
      iteration: record.gate.iteration,
      opened_at: isoTime(record.gate.openedAt),
      summary: record.gate.summary,
      ...(record.gate.kind && { kind: record.gate.kind }),
      expires_at: expiryOf(record),
    },
    priority: record.priority,
    queue: record.status === 'queued' ? queued : null,
    tags: record.tags,
    last_seq: record.lastSeq,
    scripted: record.scripted,
    judged: record.request.judged,
  }
}

/** When the open gate is decided if nobody answers. */
function expiryOf({ gate, gatePolicy: { timeout_minutes: minutes } }: RunRecord): string | null {
  return gate === null || minutes === null ? null : isoTime(gate.openedAt + minutes * 60_000)
}

export function toRun(record: RunRecord, queued: Queued, sandbox: SandboxState): Run {
  const { request } = record
  return {
    ...toSummary(record, queued),
    error: record.error,
    final_state: record.finalState,
    gate_policy: record.gatePolicy,
    gates_skipped_until: record.gatesSkipped,
    continues: request.continues?.runId ?? null,
    goal_name: request.goalName,
    check_command: request.checkCommand,
    success_condition: request.successCondition,
    protect: request.protect,
    goals: request.goals,
    goal_options: request.goals[0]?.goal_options ?? {},
    confirm: request.confirm,
    no_progress_iterations: request.noProgressIterations,
    max_tokens: record.maxTokens,
    max_minutes: record.maxMinutes,
    instructions: request.instructions,
    sandbox: sandboxOf(record, sandbox),
    network: request.network,
    command_policy: request.commandPolicy,
    project_config: request.config && {
      sha256: request.config.sha256,
      accepted: request.config.isAccepted,
      left_out: request.config.leftOut,
    },
  }
}
