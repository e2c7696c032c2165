// From what the user typed to a goal and its options.

import { nearest } from '#lib/nearest'
import type { SuccessCondition } from '../contract/runs.ts'
import { AppError } from '../errors.ts'
import type { Goal, GoalOptions } from './goal.ts'
import { scriptNamesIn } from './probe.ts'
import type { ProjectConfig } from './project-config.ts'
import { goals } from './registry.ts'
import { shellGoal } from './shell-goal.ts'

export const DEFAULT_CHECK_SECONDS = 600

export interface ResolveOptions {
  /** From the request. */
  checkCommand?: string | null
  successCondition?: SuccessCondition | null
  timeoutSeconds?: number | null
  projectConfig?: ProjectConfig | null
}

/**
 * The goal that `text` means. What the request gives goes before the project's `.retrai.yml`, whose check counts for the
 * goal it names and for goals in free words. Throws AppError('invalid') when there is nothing to judge by.
 */
export function resolveGoal(text: string, given: ResolveOptions = {}): { goal: Goal; options: GoalOptions } {
  const registered = goals.find(goal => goal.name === text)
  const config = given.projectConfig ?? null
  const isConfigMeant =
    registered === undefined ||
    registered === shellGoal ||
    (config?.goal ?? registered.name) === registered.name
  const fromProject = isConfigMeant ? config : null

  const options: GoalOptions = {
    text,
    checkCommand: given.checkCommand ?? fromProject?.check_command ?? null,
    successCondition: given.successCondition ?? fromProject?.success_condition ?? null,
    timeoutMs: 1000 * (given.timeoutSeconds ?? config?.check_timeout_seconds ?? DEFAULT_CHECK_SECONDS),
  }
  checkPattern(options.successCondition)
  if (options.checkCommand === null && registered === undefined) throw unknownGoal(text)
  if (options.checkCommand === null && registered?.needsCommand) {
    const detail = `The goal ${registered.name} needs a check_command: the command that succeeds once it is reached.`
    throw new AppError('invalid', detail, { fields: [{ pointer: '/check_command', detail }] })
  }
  return { goal: withScriptKeys(registered ?? shellGoal, options.checkCommand), options }
}

/** `npm run unit` as the check: then that script decides, and is kept as it was. */
function withScriptKeys(goal: Goal, command: string | null): Goal {
  const names = command === null ? [] : scriptNamesIn(command)
  if (names.length === 0) return goal
  const keys = names.flatMap(name =>
    [name, `pre${name}`, `post${name}`].map(key => ({ file: 'package.json', path: ['scripts', key] })),
  )
  return { ...goal, protectKeys: [...(goal.protectKeys ?? []), ...keys] }
}

function unknownGoal(text: string): AppError {
  const names = goals.map(goal => goal.name)
  const meant = /\s/.test(text.trim()) && text.length > 20 ? null : nearest(text, names)
  const shown = text.length > 60 ? `${text.slice(0, 59)}…` : text
  const detail =
    `“${shown}” is not a registered goal${meant ? `; did you mean ${meant}?` : '.'} The registered goals are ` +
    `${names.join(', ')}. Any other text needs a check_command, the command that judges it.`
  return new AppError('invalid', detail, { fields: [{ pointer: '/goal', detail }] })
}

function checkPattern(condition: SuccessCondition | null): void {
  const pattern = condition?.output_regex
  if (pattern === undefined) return
  try {
    new RegExp(pattern, 'm')
  } catch (cause) {
    const detail = `output_regex is not a regular expression of JavaScript: ${cause instanceof Error ? cause.message : ''}`
    const fields = [{ pointer: '/success_condition/output_regex', detail }]
    throw new AppError('invalid', detail, { cause, fields })
  }
}
