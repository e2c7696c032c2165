// What has to be right before a run can do anything, and how far it is. Pure.
import { count } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { RunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'

export interface StartingStep {
  name: string
  state: 'done' | 'going' | 'waiting' | 'warn' | 'failed'
  /** What was found; where something is wrong, what to do. */
  says: string
}

/** null once the model has answered, and where there is nothing to wait for. */
export function startingSteps(view: RunView, run: Run): StartingStep[] | null {
  const { events } = view
  const first = events[0]
  const isOver = isFinal(run.status)
  // Not where it began: the page does not know how it went.
  if (run.status === 'queued' || (first && first.seq > 1) || (isOver && run.status !== 'failed')) return null
  if (run.iteration > 1 || events.some(event => event.kind === 'llm_usage' && event.iteration > 0))
    return null
  const steps = [
    { name: 'Directory', state: 'done' as const, says: run.cwd },
    snapshot(view, isOver),
    sandbox(run),
    check(view, run),
    model(view, run),
  ]
  return steps
}

function snapshot({ events }: RunView, isOver: boolean): StartingStep {
  const start = events.find(event => event.kind === 'run_start')
  const name = 'Snapshot'
  if (start?.kind !== 'run_start')
    return { name, state: isOver ? 'waiting' : 'going', says: 'of the directory as it is' }
  return start.payload.base === null
    ? {
        name,
        state: 'warn',
        says: 'git is not installed: no diffs and no protected tests; install it for the next run',
      }
    : { name, state: 'done', says: 'diffs and protected tests begin here' }
}

function sandbox(run: Run): StartingStep {
  return run.sandbox === 'off'
    ? { name: 'Sandbox', state: 'warn', says: 'off: commands can do what the server’s user can' }
    : { name: 'Sandbox', state: 'done', says: run.sandbox }
}

function check({ events, phase }: RunView, run: Run): StartingStep {
  const name = 'Goal’s check'
  const baseline = events.find(event => event.kind === 'goal_check')
  if (baseline?.kind === 'goal_check') {
    const { broken, tests, reason } = baseline.payload
    if (broken) return { name, state: 'failed', says: reason }
    return {
      name,
      state: 'done',
      says: tests ? `runs: ${count(tests.failed, 'failure')} at the start` : 'runs',
    }
  }
  if (run.outcome === 'check_broken') return { name, state: 'failed', says: run.reason ?? 'it cannot run' }
  const isGoing = phase?.node === 'evaluate'
  return { name, state: isGoing ? 'going' : 'waiting', says: isGoing ? 'is running' : 'comes next' }
}

function model({ events, phase }: RunView, run: Run): StartingStep {
  const name = 'Model'
  const fault = events.findLast(event => ['model_retry', 'paused', 'error'].includes(event.kind))
  if (run.outcome === 'model_error' || run.outcome === 'model_protocol')
    return { name, state: 'failed', says: run.error ?? run.reason ?? `${run.model_name} cannot be used` }
  if (fault?.kind === 'model_retry')
    return { name, state: 'warn', says: `${run.model_name}: ${fault.payload.reason}; it is tried again` }
  if (fault?.kind === 'paused') return { name, state: 'warn', says: fault.payload.detail }
  const isGoing = phase?.node === 'plan'
  return {
    name,
    state: isGoing ? 'going' : 'waiting',
    says: isGoing ? `${run.model_name} is asked` : run.model_name,
  }
}
