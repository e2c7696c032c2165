// A goal whose check has to be written first: a model writes it from the goal's words, and a person looks at it before it counts.
import type { AgentDeps } from './deps.ts'
import { stepStart } from './step.ts'
import { workOf } from './work.ts'

/** Written, and approved: only then the first check can run. */
export function needsCheck({ goal, state }: AgentDeps): boolean {
  return goal.writeCheck !== undefined && state.approvedIteration === null && state.firstCheck === null
}

/** Writes the check, and opens the gate about it; both together, so that no check is ever without its gate. */
export async function writeCheck(deps: AgentDeps): Promise<void> {
  const { goal, goalOptions: options, workspace, state, emit, signal } = deps
  await emit([stepStart(deps, 'plan', 0)])
  const work = workOf({ state, workspace, model: deps.model, emit, signal: deps.draining })
  const written = await goal.writeCheck!({ options, workspace, work, signal }) // the caller has seen that it can
  const { command, files } = written
  await emit([
    { kind: 'check_written', iteration: 0, payload: written },
    stepStart(deps, 'human_check', 0),
    {
      kind: 'human_check_required',
      iteration: 0,
      payload: {
        iteration: 0,
        summary: `A check was written for this goal: ${command}. Read it before it decides: ${written.explanation}`,
        gate_id: deps.newId(),
        diff_stat: null,
        diff_hash: null,
        total_diff_stat: null,
        flags: [],
        cost_usd: state.costUsd,
        iteration_cost_usd: state.iterationCostUsd,
        failing_before: null,
        tests: null,
        kind: 'check',
        check: { command, files },
        agent_says: written.explanation,
      },
    },
  ])
}
