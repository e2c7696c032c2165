// Drives one run: folds its journal, gives the loop what it needs, and records how it let go.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { AgentDeps } from '#lib/agent/deps'
import { judge } from '#lib/agent/judge'
import { errorEvent, runAgent, type Stop } from '#lib/agent/loop'
import { endingEvents } from '#lib/agent/outcome'
import type { Briefing } from '#lib/agent/prompt'
import { applyEvent, initialState, type RunState } from '#lib/agent/state'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { isAppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import type { Goal, GoalOptions } from '#lib/goals/goal'
import { resolveGoal } from '#lib/goals/resolve-goal'
import type { Models } from '#lib/models/model'
import type { RunRecord } from '#lib/store/types'
import type { Tool } from '#lib/tools/tool'
import type { Workspace } from '#lib/workspace/workspace'

const DISK_FULL_SECONDS = 30

/** Why a run is told to let go. `abort` ends it; `shutdown` leaves it to the next start of the server. */
export type StopReason = { kind: 'abort'; by: string; reason: string | null } | { kind: 'shutdown' }

export interface LiveRunParts {
  journal: Journal
  models: Models
  tools: Tool[]
  workspaces: { open(cwd: string): Promise<Workspace> }
  dataDir: string
  sandbox: { mode: string }
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

/** Resolves with how the loop let go, or `stopped` after a shutdown, or `stuck` when its end could not even be stored. */
export async function driveRun(
  runId: string,
  parts: LiveRunParts,
  signal: AbortSignal,
): Promise<Stop | 'stopped' | 'stuck'> {
  const { journal, log } = parts
  // Filled as soon as the journal is read, so that also a run whose folder is gone ends with what it did.
  const state = initialState()
  let live: LiveRun | null = null
  try {
    live = await openLiveRun(runId, parts, state, signal)
    return await runAgent(live.deps)
  } catch (error) {
    const reason = signal.aborted ? (signal.reason as StopReason) : null // only runs.ts aborts, with this type
    if (reason?.kind === 'shutdown') return 'stopped'
    const isFull = !reason && isAppError(error) && error.code === 'disk_full'
    if (!reason) {
      const what = isFull ? 'a run waits for room on the disk' : 'a run failed'
      log('error', what, { run_id: runId, error: messageOf(error) })
    }
    try {
      if (isFull) await journal.append(runId, [diskFull(state.iteration, messageOf(error))])
      else await journal.append(runId, reason ? abortEvents(state, reason) : failureEvents(state, error))
      return isFull ? 'paused' : 'ended'
    } catch (cause) {
      log('error', 'the end of a run could not be stored', { run_id: runId, error: messageOf(cause) })
      return 'stuck'
    }
  } finally {
    live?.close()
  }
}

/** The gate that opened at the same moment is answered with it: nobody is asked about a run that has ended. */
function abortEvents(state: RunState, reason: Extract<StopReason, { kind: 'abort' }>): NewEvent[] {
  const { gate } = state
  const answer: NewEvent[] = gate
    ? [
        {
          kind: 'human_check_response',
          iteration: gate.iteration,
          payload: {
            decision: 'abort',
            gate_id: gate.gate_id,
            note: reason.reason,
            decided_by: reason.by,
          },
        },
      ]
    : []
  return [...answer, ...endingEvents(state, 'aborted', abortSentence(reason), Date.now() / 1000)]
}

const failureEvents = (state: RunState, error: unknown): NewEvent[] => [
  errorEvent(error, state.iteration, isAppError(error) ? error.code : null),
  ...endingEvents(state, 'internal_error', messageOf(error), Date.now() / 1000),
]

/** A small event may still fit where a large one did not. What was not stored is done again, or reported as interrupted. */
const diskFull = (iteration: number, detail: string): NewEvent => ({
  kind: 'paused',
  iteration,
  payload: { reason: 'disk_full', detail, retry_at: Date.now() / 1000 + DISK_FULL_SECONDS },
})

export const abortSentence = ({ by, reason }: { by: string; reason: string | null }) =>
  `Aborted by ${by}${reason ? `: ${reason}` : ''}`

interface LiveRun {
  deps: AgentDeps
  close(): void
}

async function openLiveRun(
  runId: string,
  parts: LiveRunParts,
  state: RunState,
  signal: AbortSignal,
): Promise<LiveRun> {
  const { journal } = parts
  let record = await journal.record(runId)
  const { briefing, goal, options } = briefingOf(record, parts)

  // Listen before reading: whatever is appended meanwhile is neither missed nor taken twice.
  let seq = 0
  const early: RunEvent[] = []
  let isFolded = false
  const take = (event: RunEvent) => {
    if (event.seq <= seq) return
    seq = event.seq
    applyEvent(state, event, briefing)
  }
  const stopListening = await journal.onAppend(runId, events => {
    if (isFolded) events.forEach(take)
    else early.push(...events)
  })
  const stopWatching = journal.onRecord(changed => {
    if (changed.id === runId) record = changed
  })
  const close = () => {
    stopListening()
    stopWatching()
  }

  try {
    await foldHistory(journal, runId, record.lastSeq, take)
    early.forEach(take)
    isFolded = true
    const workspace = await parts.workspaces.open(record.cwd)
    if (seq === 0)
      await journal.append(runId, [startEvent(record, parts.sandbox.mode, await workspace.snapshot(signal))])
    if (seq === 1 && workspace.snapshotProblem)
      await journal.append(runId, [noSnapshots(workspace.snapshotProblem)])
    return {
      close,
      deps: {
        state,
        briefing,
        goal,
        goalOptions: options,
        tools: parts.tools,
        workspace,
        signal,
        limits: () => ({
          maxIterations: record.maxIterations,
          maxCostUsd: record.maxCostUsd,
          maxTokens: record.maxTokens,
          maxMinutes: record.maxMinutes,
          isGated: record.hitlEnabled,
        }),
        model: () => parts.models.get(record.modelName),
        judge: (abort, onOutput) =>
          judge({
            goal,
            options,
            workspace,
            protect: record.request.protect,
            base: state.base,
            previous: state.lastCheck?.tests ?? null,
            first: state.firstCheck?.tests ?? null,
            stateDir: path.join(parts.dataDir, 'protected', runId),
            signal: abort,
            onOutput,
          }),
        async emit(events) {
          await journal.append(runId, events)
        },
        publish: event => journal.publish(runId, event),
        clock: () => performance.now(),
        wallClock: () => Date.now() / 1000,
        newId: () => randomUUID(),
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

async function foldHistory(
  journal: Journal,
  runId: string,
  lastSeq: number,
  take: (event: RunEvent) => void,
) {
  if (lastSeq === 0) return
  for await (const events of journal.follow(runId)) {
    events.forEach(take)
    if (events.at(-1)!.seq >= lastSeq) return
  }
}

/** What the first message and the goal's check are made of: from the stored request, so the same after a restart. */
export function briefingOf(
  record: RunRecord,
  { sandbox }: Pick<LiveRunParts, 'sandbox'>,
): { briefing: Briefing; goal: Goal; options: GoalOptions } {
  const { request } = record
  const { goal, options } = resolveGoal(record.goal, {
    checkCommand: request.checkCommand,
    successCondition: request.successCondition,
    timeoutSeconds: request.checkTimeoutMs / 1000,
  })
  return {
    goal,
    options,
    briefing: {
      goal: record.goal,
      goalPrompt: goal.prompt(options),
      cwd: record.cwd,
      instructions: request.instructions,
      isSandboxed: sandbox.mode !== 'off',
    },
  }
}

const startEvent = (record: RunRecord, sandbox: string, base: string | null): NewEvent => ({
  kind: 'run_start',
  iteration: 0,
  payload: {
    goal: record.goal,
    goal_name: record.request.goalName,
    cwd: record.cwd,
    model_name: record.modelName,
    max_iterations: record.maxIterations,
    hitl_enabled: record.hitlEnabled,
    sandbox,
    base,
  },
})

const noSnapshots = (problem: string): NewEvent => ({
  kind: 'log',
  iteration: 0,
  payload: {
    level: 'warn',
    message: `No diffs, and tests are not protected: ${problem}`,
  },
})
