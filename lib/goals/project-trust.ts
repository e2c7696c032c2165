// What a run may take from a project's settings that nobody has accepted: what only limits it, and the names of our own checks,
// which the project's files would speak for as well; no command, and nothing that makes a verdict mean less.
import { DEFAULT_MAX_ITERATIONS } from '../contract/runs.ts'
import type { GoalRequest } from './choose-goals.ts'
import type { ProjectConfig } from './project-config.ts'
import { goals } from './registry.ts'

export interface TrustedSettings {
  /** What counts. */
  settings: ProjectConfig | null
  /** All of it counts, once a person has accepted it: until then nothing may be run. */
  isPending: boolean
  /** What does not count. */
  leftOut: string[]
}

export function trustedSettings(
  request: GoalRequest,
  project: ProjectConfig | null,
  isAccepted: boolean,
): TrustedSettings {
  if (project === null || isAccepted) return { settings: project, isPending: false, leftOut: [] }
  const limits = { ...limitsOf(project), ...checksOf(project) }
  const leftOut = Object.keys(project).filter(name => !(name in limits))
  if (leftOut.length === 0) return { settings: limits, isPending: false, leftOut }
  return isDecidedBy(project, request)
    ? { settings: project, isPending: true, leftOut: [] }
    : { settings: limits, isPending: false, leftOut }
}

/** Whether a request leaves it to the project what is run. */
export function isDecidedBy(project: ProjectConfig, request: GoalRequest): boolean {
  const { goal = '', check_command: command } = request
  if (request.goals !== undefined || command !== undefined) return false
  if (goal === '') return true
  // Words that its command would judge.
  return project.check_command !== undefined && !goals.some(({ name }) => name === goal)
}

/** Checks that need no command of the project's: what they run is the same in every project. */
function checksOf(project: ProjectConfig): Pick<ProjectConfig, 'goal' | 'goals'> {
  const { goal, goals: several, goal_options: options, check_command: command } = project
  if (options !== undefined || command !== undefined) return {}
  const isOurs = (part: unknown) =>
    goals.some(({ name, needsCommand, isJudged }) => name === part && !needsCommand && !isJudged)
  return {
    ...(isOurs(goal) && { goal }),
    ...(several?.every(isOurs) && { goals: several }),
  }
}

/** Each of these can only make a run stop earlier, or ask more. */
function limitsOf(project: ProjectConfig): ProjectConfig {
  const { max_iterations, max_cost_usd, max_tokens, max_minutes, confirm, hitl_enabled, command_policy } =
    project
  const gate_policy = askingOnly(project.gate_policy)
  return {
    ...(max_iterations !== undefined && max_iterations <= DEFAULT_MAX_ITERATIONS && { max_iterations }),
    ...(max_cost_usd !== undefined && { max_cost_usd }),
    ...(max_tokens !== undefined && { max_tokens }),
    ...(max_minutes !== undefined && { max_minutes }),
    ...(confirm !== undefined && { confirm }),
    ...(hitl_enabled === true && { hitl_enabled }),
    ...(gate_policy !== undefined && { gate_policy }),
    ...(command_policy !== undefined && { command_policy }),
  }
}

/** Gates that open count; none that stay shut, or that approve themselves. */
function askingOnly(asked: ProjectConfig['gate_policy']): ProjectConfig['gate_policy'] {
  const { mode, on_timeout: then = 'wait' } = typeof asked === 'object' ? asked : { mode: asked }
  // The mode alone: a time that nobody accepted could end a gate, or give one to a request that says what happens then.
  return mode === undefined || mode === 'off' || then === 'approve' ? undefined : mode
}
