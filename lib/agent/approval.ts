// The gate after an iteration: whether it opens, and what it says. The run stops there until a person decides, for ever if need
// be, and holds nothing meanwhile.

import { isGateSkipped } from '#lib/contract/gate-policy'
import { crashPoint } from '#lib/crash-point'
import type { AgentDeps } from './deps.ts'
import { gateFlags, hasUnseenFlags } from './flags.ts'
import { spentBudget } from './limits.ts'
import { stepStart } from './step.ts'

/** After an iteration that did not meet the goal. */
export function needsGate({ state, limits }: AgentDeps): boolean {
  const { gates } = limits()
  if (gates === 'off' || state.iteration === 0 || state.approvedIteration === state.iteration) return false
  if (isGateSkipped(state.gatesSkipped, state.iteration)) return false
  return gates === 'each' || hasUnseenFlags(state)
}

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
        diff_hash: await treeNow(deps),
        total_diff_stat: lastIteration?.total_diff_stat ?? null,
        flags: gateFlags(state),
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

/** The check may have left files of its own since the iteration's snapshot: what a person looks at is the directory as it is. */
async function treeNow({ state, workspace }: AgentDeps): Promise<string | null> {
  if (state.tree === null) return null
  // A gate opens also where none can be taken, as on a full disk.
  return (await workspace.snapshot().catch(() => null)) ?? state.tree
}
