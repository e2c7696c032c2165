// From what the user typed to a goal and its options.

import { nearest } from '#lib/nearest'
import type { GoalPart, SuccessCondition } from '../contract/runs.ts'
import { AppError } from '../errors.ts'
import { allOf } from './all-of.ts'
import type { Goal, GoalOptions } from './goal.ts'
import { judgedGoal } from './judged-goal.ts'
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
  settings?: Record<string, unknown> | null
  projectConfig?: ProjectConfig | null
  /** What the run is about in words, for a registered goal that has none of its own. */
  about?: string | null
}

/** Resolved: what the check needs, and what of it is stored with the run, so that it means the same after a restart. */
export interface ResolvedGoal {
  goal: Goal
  options: GoalOptions
}

/**
 * The goal that `text` means. What the request gives goes before the project's `.retrai.yml`, whose check counts for the
 * goal it names and for goals in free words. Throws AppError('invalid') when there is nothing to judge by.
 */
export function resolveGoal(text: string, given: ResolveOptions = {}): ResolvedGoal {
  const registered = goals.find(goal => goal.name === text)
  const config = given.projectConfig ?? null
  const isConfigMeant =
    registered === undefined ||
    registered === shellGoal ||
    (config?.goal ?? registered.name) === registered.name
  const fromProject = isConfigMeant ? config : null

  const checkCommand = given.checkCommand ?? fromProject?.check_command ?? null
  const goal = registered ?? (checkCommand === null ? inWords(text) : shellGoal)
  const options: GoalOptions = {
    text: (registered && given.about) || text,
    checkCommand,
    successCondition: given.successCondition ?? fromProject?.success_condition ?? null,
    timeoutMs: 1000 * (given.timeoutSeconds ?? config?.check_timeout_seconds ?? DEFAULT_CHECK_SECONDS),
    settings: settingsOf(goal, given.settings ?? fromProject?.goal_options ?? {}),
  }
  checkPattern(options.successCondition)
  checkWords(goal, options)
  if (checkCommand === null && goal.needsCommand) {
    const detail = `The goal ${goal.name} needs a check_command: the command that succeeds once it is reached.`
    throw new AppError('invalid', detail, { fields: [{ pointer: '/check_command', detail }] })
  }
  return { goal: withScriptKeys(goal, checkCommand), options }
}

/** Several goals as one; a single one as itself. `text` is what the run is called, and what its goals are about. */
export function resolveGoals(
  parts: readonly GoalPart[],
  given: Pick<ResolveOptions, 'timeoutSeconds' | 'projectConfig' | 'about'> = {},
): ResolvedGoal {
  const resolved = parts.map(part =>
    resolveGoal(part.goal, {
      ...given,
      checkCommand: part.check_command ?? null,
      successCondition: part.success_condition ?? null,
      settings: part.goal_options ?? null,
    }),
  )
  const [first] = resolved
  if (!first) throw new Error('a run has at least one goal')
  if (resolved.length === 1) return first
  const text = parts.map(({ goal }) => goal).join(' + ')
  return { goal: allOf(resolved), options: { ...first.options, text, checkCommand: null, settings: {} } }
}

/** A check can only be written for something that is said. */
function checkWords(goal: Goal, { text, settings }: GoalOptions): void {
  if (!goal.writeCheck || text !== goal.name || settings.criteria) return
  const detail = `The goal ${goal.name} needs words to write a check from: give goal_options.criteria, or say the goal and {"goals": ["${goal.name}"]}`
  throw new AppError('invalid', detail, { fields: [{ pointer: '/goal_options/criteria', detail }] })
}

function settingsOf(goal: Goal, given: Record<string, unknown>): Record<string, unknown> {
  if (!goal.settings) {
    const [unknown] = Object.keys(given)
    if (unknown === undefined) return {}
    const detail = `The goal ${goal.name} has no options, so ${unknown} means nothing`
    throw new AppError('invalid', detail, { fields: [{ pointer: `/goal_options/${unknown}`, detail }] })
  }
  const parsed = goal.settings.safeParse(given)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(issue => {
    const path = [...issue.path, ...(issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [])]
    return { pointer: `/goal_options/${path.join('/')}`, detail: issue.message }
  })
  const [first] = fields
  throw new AppError('invalid', `goal_options of ${goal.name}: ${first?.pointer}: ${first?.detail}`, {
    fields,
  })
}

/** Words that no command judges: a model does. A single word, or nearly the name of a goal, was meant as a name. */
function inWords(text: string): Goal {
  const isSentence = /\s/.test(text.trim())
  const isShort = text.trim().length <= 20
  if (
    !isSentence ||
    (isShort &&
      nearest(
        text,
        goals.map(({ name }) => name),
      ) !== null)
  )
    throw unknownGoal(text)
  return judgedGoal
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
    `${names.join(', ')}. A goal in your own words takes a sentence, or a check_command that judges it.`
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
