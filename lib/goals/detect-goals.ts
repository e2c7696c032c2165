import type { GoalCandidate } from '../contract/goals.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { CONFIG_FILE, readProjectConfig } from './project-config.ts'
import { goals } from './registry.ts'

/** Which goals fit the project, best first: what its `.retrai.yml` says, then what its files speak for. */
export async function detectGoals(workspace: Workspace): Promise<GoalCandidate[]> {
  const candidates: GoalCandidate[] = []
  const config = await readProjectConfig(workspace.root)
  if (config?.goal !== undefined || config?.check_command !== undefined)
    candidates.push({
      goal: config.goal ?? 'shell-goal',
      check_command: config.check_command ?? null,
      why: `${CONFIG_FILE} names it`,
    })
  for (const goal of goals) {
    const found = await goal.detect?.(workspace)
    if (!found || candidates.some(candidate => candidate.goal === goal.name)) continue
    candidates.push({ goal: goal.name, check_command: found.checkCommand ?? null, why: found.why })
  }
  return candidates
}
