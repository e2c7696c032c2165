// Opens a gate: the run stops here until a person decides, for ever if need be, and holds nothing meanwhile.

import { crashPoint } from '#lib/crash-point'
import type { AgentDeps } from './deps.ts'
import { diffFlags, sensitiveFlags } from './flags.ts'
import { spentBudget } from './limits.ts'
import { stepStart } from './step.ts'

export async function openGate(deps: AgentDeps): Promise<void> {
  const { state } = deps
  const { iteration, lastCheck, lastIteration } = state
  const stat = lastIteration?.diff_stat ?? null
  const spent = spentBudget(state, deps.limits(), deps.activeMs(), true)
  const summary = [
    `Iteration ${iteration}: ${lastCheck?.reason ?? 'the goal is not met'}.`,
    stat &&
      `${stat.files} ${stat.files === 1 ? 'file' : 'files'} changed, +${stat.insertions} −${stat.deletions}.`,
    spent && `Approving ends the run, because ${spent.reason}: raise the budget first to go on.`,
  ]
  crashPoint('before-gate')
  await deps.emit([
    stepStart(deps, 'human_check', iteration),
    {
      kind: 'human_check_required',
      iteration,
      payload: {
        iteration,
        summary: summary.filter(Boolean).join(' '),
        gate_id: deps.newId(),
        diff_stat: stat,
        diff_hash: state.tree,
        total_diff_stat: lastIteration?.total_diff_stat ?? null,
        flags: [...(lastCheck?.flags ?? []), ...sensitiveFlags(state.sensitive), ...diffFlags(stat)],
        cost_usd: state.costUsd,
        iteration_cost_usd: state.iterationCostUsd,
        failing_before: state.failingBefore,
        tests: lastCheck?.tests ?? null,
        agent_says: state.lastText,
      },
    },
  ])
  crashPoint('after-gate')
}
