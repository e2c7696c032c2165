// From a run to the request that starts it again: everything as it was resolved then, whatever .retrai.yml says by now.
import type { GoalPart, Rerun, StartRun } from '#lib/contract/runs'
import type { RunRecord } from '#lib/store/types'
import { gateSettings } from './gate-settings.ts'

const PART_FIELDS = ['check_command', 'success_condition', 'goal_options'] as const

/** What is given in `changes` goes before what the run had; null removes a budget. */
export function rerunRequest(record: RunRecord, changes: Rerun = {}): StartRun {
  const { request } = record
  const before: Rerun = {
    cwd: record.cwd,
    model_name: record.modelName,
    max_iterations: record.maxIterations,
    check_timeout_seconds: request.checkTimeoutMs / 1000,
    protect: request.protect,
    confirm: request.confirm,
    no_progress_iterations: request.noProgressIterations,
    max_cost_usd: record.maxCostUsd,
    max_tokens: record.maxTokens,
    max_minutes: record.maxMinutes,
    instructions: request.instructions ?? undefined,
    network: request.network,
    sandbox: request.sandbox === 'off' ? 'off' : undefined,
    tags: record.tags,
    priority: record.priority,
  }
  const command_policy = { ...request.commandPolicy, ...given(changes.command_policy ?? {}) }
  // One word for both: what was said of gates before must not go before what is said now.
  const gate_policy = gateSettings(record.gatePolicy, changes)
  const merged = {
    ...before,
    ...given(changes),
    ...goalsOf(record, changes),
    command_policy,
    hitl_enabled: undefined,
    gate_policy,
  }
  const { max_cost_usd, max_tokens, max_minutes, ...rest } = given(merged)
  return {
    ...rest,
    max_cost_usd: max_cost_usd ?? undefined,
    max_tokens: max_tokens ?? undefined,
    max_minutes: max_minutes ?? undefined,
  }
}

/** The same goals; with another check where that was given. Another goal brings its own check. */
function goalsOf({ goal, request }: RunRecord, changes: Rerun): Rerun {
  if (changes.goals !== undefined) return { goal: changes.goal ?? goal }
  if (changes.goal !== undefined) return {}
  const changed = Object.fromEntries(
    PART_FIELDS.flatMap(name => (changes[name] === undefined ? [] : [[name, changes[name]]])),
  ) as Partial<GoalPart> // the fields of a part, by name
  const [first, ...others] = request.goals
  // With several goals nobody can tell whose check is meant: the request is refused where it says so.
  if (!first || others.length > 0) return { goal, goals: request.goals }
  const none = { check_command: undefined, success_condition: undefined, goal_options: undefined }
  return { goal, goals: [{ ...first, ...changed }], ...none }
}

const given = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T // without what is not there
