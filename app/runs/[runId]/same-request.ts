import type { StartRunInput } from '#lib/client/new-run'
import type { Run } from '#lib/contract/runs'

/** What to ask for to get this run again, every default as it was resolved, so that it means the same elsewhere. */
export function requestOf(run: Run): StartRunInput {
  const chosen: Partial<StartRunInput> = {
    check_command: run.check_command ?? undefined,
    success_condition: run.success_condition ?? undefined,
    protect: run.protect === 'enforce' ? undefined : run.protect,
    max_cost_usd: run.max_cost_usd ?? undefined,
    max_tokens: run.max_tokens ?? undefined,
    max_minutes: run.max_minutes ?? undefined,
    instructions: run.instructions ?? undefined,
    priority: run.priority === 0 ? undefined : run.priority,
    tags: run.tags.length > 0 ? run.tags : undefined,
  }
  return {
    goal: run.goal,
    cwd: run.cwd,
    model_name: run.model_name,
    max_iterations: run.max_iterations,
    hitl_enabled: run.hitl_enabled,
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)),
  }
}
