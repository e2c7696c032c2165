// The server runs the goal's check, outside the model. Only this decides whether the goal is met.
import type { NewEvent } from '#lib/contract/event'
import type { DiffStat } from '#lib/contract/events/shared'
import { crashPoint } from '#lib/crash-point'
import type { Verdict } from '#lib/verdict/judge'
import { callEvent } from './act.ts'
import type { AgentDeps } from './deps.ts'
import { progressOf } from './progress.ts'
import { feedbackText, metText } from './prompt.ts'
import { emitWithSensitive } from './report-sensitive.ts'
import { waitsForCheck } from './state.ts'
import { stepStart } from './step.ts'

/** The check before the first model call: what is already green costs nothing, what cannot be checked is said at once. */
export async function baseline(deps: AgentDeps): Promise<void> {
  await deps.emit([stepStart(deps, 'evaluate', 0)])
  const verdict = await judge(deps)
  await deps.emit([{ kind: 'goal_check', iteration: 0, payload: { ...verdict, baseline: true } }])
}

/** Check, result of `run_check` if that was how the model asked, and the end of the iteration: one entry of the journal. */
export async function evaluate(deps: AgentDeps): Promise<void> {
  const { state } = deps
  const { iteration } = state
  const asked = state.calls.filter(waitsForCheck)
  await deps.emit([
    ...asked.filter(call => !call.started).map(call => callEvent(call, iteration)),
    stepStart(deps, 'evaluate', iteration),
  ])

  const started = deps.clock()
  crashPoint('before-check')
  const verdict = await judge(deps)
  crashPoint('after-check')
  const check = { ...verdict, baseline: false }
  // Tests are code of the agent too.
  await emitWithSensitive(deps, [], { tool: 'goal_check', callId: null })
  const text = check.achieved ? metText(check) : feedbackText(check)
  await deps.emit([
    { kind: 'goal_check', iteration, payload: check },
    ...asked.map(
      (call): NewEvent => ({
        kind: 'tool_result',
        iteration,
        payload: {
          call_id: call.id,
          tool: call.name,
          output: text,
          exit_code: check.exit_code,
          status: 'ok',
          duration_ms: Math.round(deps.clock() - started),
          truncated: false,
          bytes: Buffer.byteLength(text),
        },
      }),
    ),
    {
      kind: 'iteration_complete',
      iteration,
      payload: {
        iteration,
        tokens: state.iterationTokens,
        cost_usd: state.iterationCostUsd,
        duration_ms: Math.round(Math.max(0, deps.activeMs() - state.iterationStartedMs)),
        tool_calls: state.iterationCalls,
        diff_stat: await statOf(deps, state.tree, verdict.tree),
        total_diff_stat: await statOf(deps, state.base, verdict.tree),
        tree: verdict.tree,
        progress: progressOf(state, check),
      },
    },
  ])
}

function judge(deps: AgentDeps): Promise<Verdict> {
  const { iteration } = deps.state
  return deps.judge(deps.signal, chunk =>
    deps.publish({ kind: 'step_progress', iteration, payload: { call_id: null, tool: 'goal_check', chunk } }),
  )
}

async function statOf(deps: AgentDeps, from: string | null, to: string | null): Promise<DiffStat | null> {
  if (!from || !to) return null
  const { stat } = await deps.workspace.diff(from, to, { maxPatchBytes: 0, signal: deps.signal })
  return stat
}
