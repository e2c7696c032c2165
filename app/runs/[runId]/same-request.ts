import { gateFields, goalsOf, type StartRunInput } from '#lib/client/new-run'
import type { Run } from '#lib/contract/runs'

/** What to ask for to get this run again, every default as it was resolved, so that it means the same elsewhere. */
export function requestOf(run: Run): StartRunInput {
  const chosen: Partial<StartRunInput> = {
    ...goalsOf(run),
    protect: run.protect === 'enforce' ? undefined : run.protect,
    confirm: run.confirm === 0 ? undefined : run.confirm,
    no_progress_iterations: run.no_progress_iterations === 3 ? undefined : run.no_progress_iterations,
    max_cost_usd: run.max_cost_usd ?? undefined,
    max_tokens: run.max_tokens ?? undefined,
    max_minutes: run.max_minutes ?? undefined,
    instructions: run.instructions ?? undefined,
    priority: run.priority === 0 ? undefined : run.priority,
    network: run.network === 'off' ? undefined : run.network,
    tags: run.tags.length > 0 ? run.tags : undefined,
  }
  return {
    cwd: run.cwd,
    model_name: run.model_name,
    max_iterations: run.max_iterations,
    ...gateFields(run.gate_policy),
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)),
  }
}
