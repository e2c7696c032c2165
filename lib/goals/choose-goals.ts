// Which goals a request means: what it names, else what the project's `.retrai.yml` says, else what its files speak for. With
// everything of the project's settings taken in, so that what is stored says it all.
import type { GoalPart, StartRun } from '../contract/runs.ts'
import { AppError, isAppError } from '../errors.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { detectGoals } from './detect-goals.ts'
import type { ProjectConfig } from './project-config.ts'
import { resolveGoal } from './resolve-goal.ts'

export type GoalRequest = Pick<
  StartRun,
  'goal' | 'goals' | 'check_command' | 'success_condition' | 'goal_options'
>

export interface ChosenGoals {
  /** What the run is called. */
  text: string
  goals: GoalPart[]
}

/** Rejects with AppError('invalid') when nothing says what the goal is, or when what is said cannot be judged. */
export async function chooseGoals(
  request: GoalRequest,
  project: ProjectConfig | null,
  workspace: Workspace,
): Promise<ChosenGoals> {
  const text = request.goal ?? ''
  const several = request.goals ?? (isBlank(request) ? project?.goals : undefined)
  if (several) return chooseSeveral(text, several, request, project)
  if (text !== '' || request.check_command !== undefined) {
    const name = text === '' ? 'shell-goal' : text
    return { text: name, goals: [resolved(name, request, project)] }
  }
  const [found] = await detectGoals(workspace)
  if (!found) {
    const detail = `Nothing in ${workspace.root} says what its goal is: name one (pytest, npm-test, …), say it in a sentence, or give a check_command`
    throw new AppError('invalid', detail, { fields: [{ pointer: '/goal', detail }] })
  }
  const part = resolved(found.goal, { ...request, check_command: found.check_command ?? undefined }, project)
  return { text: part.goal, goals: [part] }
}

const isBlank = (request: GoalRequest) => (request.goal ?? '') === '' && request.check_command === undefined

function chooseSeveral(
  text: string,
  several: (string | GoalPart)[],
  request: GoalRequest,
  project: ProjectConfig | null,
): ChosenGoals {
  for (const field of ['check_command', 'success_condition', 'goal_options'] as const) {
    if (request[field] === undefined) continue
    const detail = `With several goals, ${field} belongs to one of them: {"goals": [{"goal": "…", "${field}": …}]}`
    throw new AppError('invalid', detail, { fields: [{ pointer: `/${field}`, detail }] })
  }
  const goals = several.map((one, index) => {
    const part = typeof one === 'string' ? { goal: one } : one
    try {
      return resolved(part.goal, part, project, text)
    } catch (error) {
      throw pointedAt(error, index)
    }
  })
  return { text: text === '' ? goals.map(({ goal }) => goal).join(' + ') : text, goals }
}

function resolved(
  goal: string,
  given: Omit<GoalPart, 'goal'> & { goal?: string },
  project: ProjectConfig | null,
  about = '',
): GoalPart {
  const { options } = resolveGoal(goal, {
    checkCommand: given.check_command ?? null,
    successCondition: given.success_condition ?? null,
    settings: given.goal_options ?? null,
    projectConfig: project,
    about,
  })
  return {
    goal,
    ...(options.checkCommand !== null && { check_command: options.checkCommand }),
    ...(options.successCondition !== null && { success_condition: options.successCondition }),
    ...(Object.keys(options.settings).length > 0 && { goal_options: { ...options.settings } }),
  }
}

/** The same error, naming the part it is about. */
function pointedAt(error: unknown, index: number): unknown {
  if (!isAppError(error) || !error.fields) return error
  const fields = error.fields.map(field => ({ ...field, pointer: `/goals/${index}${field.pointer}` }))
  return new AppError(error.code, error.message, { cause: error, fields })
}
