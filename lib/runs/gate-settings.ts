// When a run stops for a person: from what was said before and what a request says, or a refusal that names the field.
import {
  type GatePolicy,
  type GateRequest,
  gatePolicyAfter,
  gateProblem,
  NO_GATES,
} from '#lib/contract/gate-policy'
import { AppError } from '#lib/errors'
import { CONFIG_FILE } from '#lib/goals/project-config'

/** Throws AppError('invalid') when the request says two things at once, or half of one. */
export function gateSettings(before: GatePolicy, request: GateRequest): GatePolicy {
  const problem = gateProblem(before, request)
  if (problem) throw new AppError('invalid', `${problem.pointer} ${problem.detail}`, { fields: [problem] })
  return gatePolicyAfter(before, request)
}

/** The same of a project's own settings, which have no field in a request. */
export function gatesOfProject(project: GateRequest | null): GatePolicy {
  if (project === null) return NO_GATES
  const problem = gateProblem(NO_GATES, project)
  if (problem === null) return gatePolicyAfter(NO_GATES, project)
  const detail = `${CONFIG_FILE}: ${problem.pointer.slice(1).replaceAll('/', '.')} ${problem.detail}`
  throw new AppError('invalid', detail, { fields: [{ pointer: '/cwd', detail }] })
}
