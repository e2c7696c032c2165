// Drives one run: folds its journal, gives the loop what it needs, and records how it let go.
import { randomUUID } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import type { AgentDeps } from '#lib/agent/deps'
import { errorEvent, runAgent, type Stop } from '#lib/agent/loop'
import { endingEvents } from '#lib/agent/outcome'
import type { Briefing } from '#lib/agent/prompt'
import { emitWithSensitive } from '#lib/agent/report-sensitive'
import { applyEvent, initialState, type RunState } from '#lib/agent/state'
import { workOf } from '#lib/agent/work'
import type { CommandPolicy } from '#lib/contract/command-policy'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import type { AskedConfig } from '#lib/contract/events/human-check-required'
import { crashPoint } from '#lib/crash-point'
import { AppError, isAppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import type { Goal, GoalOptions } from '#lib/goals/goal'
import { resolveGoals } from '#lib/goals/resolve-goal'
import type { Models } from '#lib/models/model'
import { decide } from '#lib/policy/decide'
import type { AcceptedConfigs } from '#lib/store/accepted-configs'
import type { RunRecord, Store } from '#lib/store/types'
import type { Tool } from '#lib/tools/tool'
import { judge } from '#lib/verdict/judge'
import { restoreBeforeGoingOn } from '#lib/workspace/protected-files'
import { forgetSensitive, watchSensitive } from '#lib/workspace/sensitive-watch'
import type { Workspace } from '#lib/workspace/workspace'
import type { Workspaces } from '#lib/workspace/workspaces'
import { openOptions, type SandboxState, sandboxOf } from './command-freedom.ts'
import { wantedText } from './decide-network.ts'
import { evidenceStore } from './evidence-store.ts'
import { foldHistory } from './fold-history.ts'
import type { StopSignals } from './queue.ts'
import { sayingNetwork } from './saying-network.ts'

/**
 * Why a run is told to let go. `abort` ends it; `shutdown` leaves it to the next start of the server; `fault`: something that
 * was started for it threw where nobody could catch it.
 */
export type StopReason =
  | { kind: 'abort'; by: string; reason: string | null }
  | { kind: 'shutdown' }
  | { kind: 'fault'; error: unknown }

export interface LiveRunParts {
  journal: Journal
  models: Models
  tools: Tool[]
  workspaces: Pick<Workspaces, 'open' | 'snapshotsOf'>
  store: Pick<Store, 'putEvidence' | 'getEvidence'>
  /** Of retrAI. */
  version: string
  /** Names of the variables that commands are given. */
  variables(): string[]
  /** Takes secrets out of what is about to be stored. */
  redact?: <T>(value: T) => T
  dataDir: string
  sandbox: SandboxState
  accepted: AcceptedConfigs
  /** What the server itself says of the agent's commands. */
  commandPolicy: CommandPolicy
  /** `release` makes room for the event that says that there is none. */
  disk: { readonly isFull: boolean; release(): Promise<void> }
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

const BEGINNINGS = new Set<NewEvent['kind']>(['step_start', 'tool_call'])

function refuseWhenFull({ disk }: LiveRunParts) {
  if (disk.isFull) throw new AppError('disk_full', 'The disk is full: free some space, then it goes on')
}

/** Resolves with how the loop let go, or `stopped` after a shutdown, or `stuck` when not even that could be stored. */
export async function driveRun(
  runId: string,
  parts: LiveRunParts,
  stop: StopSignals,
): Promise<Stop | 'stopped' | 'stuck'> {
  const { journal, log } = parts
  // Filled as soon as the journal is read, so that also a run whose folder is gone ends with what it did.
  const state = initialState()
  let live: LiveRun | null = null
  try {
    live = await openLiveRun(runId, parts, state, stop)
    const how = await runAgent(live.deps)
    if (how === 'ended') await forgetSensitive(sensitiveFile(parts, runId))
    return how
  } catch (error) {
    // Only runs.ts aborts, with this type; a run that drains may also come to an abort.
    const { signal, draining } = stop
    const told = (
      signal.aborted ? signal.reason : draining.aborted ? draining.reason : null
    ) as StopReason | null
    if (told?.kind === 'shutdown') return 'stopped'
    try {
      const activeMs = live?.deps.activeMs() ?? state.activeMs
      if (told?.kind === 'abort') {
        crashPoint('before-abort')
        await journal.append(runId, abortEvents(state, told, activeMs))
        crashPoint('after-abort')
        return 'ended'
      }
      const fault = told?.kind === 'fault' ? told.error : error
      // The run is fine: it is what keeps its journal that is not.
      if (isAppError(fault) && fault.code === 'database_busy') throw fault
      if (isAppError(fault) && fault.code === 'disk_full') {
        log('error', 'a run waits for room on the disk', { run_id: runId, error: messageOf(fault) })
        await parts.disk.release()
        await journal.append(runId, [cannotStore(state.iteration, messageOf(fault))])
        return 'paused'
      }
      log('error', 'a run failed', { run_id: runId, error: stackOf(fault) })
      await journal.append(runId, failureEvents(state, fault, activeMs))
      return 'ended'
    } catch (cause) {
      log('error', 'how a run let go could not be stored', { run_id: runId, error: messageOf(cause) })
      return 'stuck'
    }
  } finally {
    live?.close()
  }
}

/** The gate that opened at the same moment is answered with it: nobody is asked about a run that has ended. */
function abortEvents(
  state: RunState,
  reason: Extract<StopReason, { kind: 'abort' }>,
  activeMs: number,
): NewEvent[] {
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
  return [...answer, ...endingEvents(state, 'aborted', abortSentence(reason), activeMs)]
}

const failureEvents = (state: RunState, error: unknown, activeMs: number): NewEvent[] => [
  errorEvent(error, state.iteration, isAppError(error) ? error.code : null),
  ...endingEvents(state, 'internal_error', messageOf(error), activeMs),
]

const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))

/**
 * A small event may still fit where a large one did not. What was not stored is done again, or reported as interrupted. It
 * resumes as soon as there is room, whatever the time.
 */
const cannotStore = (iteration: number, detail: string): NewEvent => ({
  kind: 'paused',
  iteration,
  payload: { reason: 'disk_full', detail, retry_at: null },
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
  { signal, draining }: StopSignals,
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
    // What a check had exchanged and could not put back, for want of room: the run must not look at anything before.
    await restoreBeforeGoingOn(path.join(parts.dataDir, 'protected', runId))
    await foldHistory(journal, { runId, lastSeq: record.lastSeq }, take)
    early.forEach(take)
    isFolded = true
    const workedBefore = state.activeMs
    const workspace = await parts.workspaces.open(record.cwd, openOptions(record))
    crashPoint('before-run-start')
    const isNew = !state.isStarted
    if (isNew) await forgetSensitive(sensitiveFile(parts, runId))
    const sensitive = await watchSensitive(workspace.root, sensitiveFile(parts, runId))
    if (isNew) {
      refuseWhenFull(parts)
      const tree = await workspace.snapshot(signal)
      const base = await baseOf(record, tree, workspace)
      const problem = workspace.snapshotProblem
      const { networkWanted } = record.request
      await journal.append(runId, [
        startEvent(record, sandboxOf(record, parts.sandbox), { base, tree }),
        ...(problem ? [warning(`No diffs, and tests are not protected: ${problem}`)] : []),
        ...(networkWanted ? [warning(wantedText(networkWanted))] : []),
        ...leftOut(record),
      ])
    }
    const model = () => parts.models.get(record.modelName)
    const emit = async (events: NewEvent[]) => {
      // What has come to its end may still fit, thanks to the ballast; nothing new begins.
      if (events.some(({ kind }) => BEGINNINGS.has(kind))) refuseWhenFull(parts)
      await journal.append(runId, events)
    }
    // While nobody looked: by a command that was cut off, or by somebody else.
    if (!isNew) await emitWithSensitive({ sensitive, emit, state }, [], null)
    const askedConfig = await configToAsk(record, state, parts)
    // From its first event on: what came before is not the run's time.
    const began = performance.now()
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
        draining,
        limits: () => ({
          maxIterations: record.maxIterations,
          maxCostUsd: record.maxCostUsd,
          maxTokens: record.maxTokens,
          maxMinutes: record.maxMinutes,
          gates: record.gatePolicy.mode,
        }),
        model,
        judge: async (abort, onOutput) => {
          const verdict = await judge({
            goal,
            options,
            workspace,
            protect: record.request.protect,
            base: state.base,
            previous: state.lastCheck?.tests ?? null,
            first: state.firstCheck,
            confirm: record.request.confirm,
            about: {
              run_id: runId,
              iteration: state.iteration,
              goal: record.goal,
              sandbox: sandboxOf(record, parts.sandbox),
              version: parts.version,
              variables: parts.variables(),
            },
            evidence: evidenceStore(parts.store, runId, parts.redact),
            written: state.writtenCheck,
            work: workOf({ state, workspace, model, emit, signal: draining }),
            stateDir: path.join(parts.dataDir, 'protected', runId),
            fingerprint: path.join(parts.dataDir, 'fingerprints', runId),
            signal: abort,
            onOutput,
          })
          return sayingNetwork(verdict)
        },
        answerTo: (command, cwd) =>
          decide(command, policyOf(record, parts.commandPolicy), {
            root: workspace.root,
            dir: path.resolve(workspace.root, cwd ?? '.'),
            home: os.homedir(),
            isSandboxed: briefing.isSandboxed,
          }),
        askedConfig,
        sensitive,
        emit,
        publish: event => journal.publish(runId, event),
        clock: () => performance.now(),
        activeMs: () => workedBefore + performance.now() - began,
        wallClock: () => Date.now() / 1000,
        newId: () => randomUUID(),
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

/** What the first message and the goal's check are made of: from the stored request, so the same after a restart. */
export function briefingOf(
  record: RunRecord,
  { sandbox }: Pick<LiveRunParts, 'sandbox'>,
): { briefing: Briefing; goal: Goal; options: GoalOptions } {
  const { request } = record
  const { goal, options } = resolveGoals(request.goals, {
    timeoutSeconds: request.checkTimeoutMs / 1000,
    about: record.goal,
  })
  return {
    goal,
    options,
    briefing: {
      goal: record.goal,
      goalPrompt: goal.prompt(options),
      cwd: record.cwd,
      instructions: request.instructions,
      isSandboxed: sandboxOf(record, sandbox) !== 'off',
      network: request.network,
      hasTmp: sandboxOf(record, sandbox) !== 'seatbelt',
      noProgressAfter: request.noProgressIterations,
      history: request.continues?.summary ?? null,
    },
  }
}

/** A run that goes on is held against the start of the one before, as long as that snapshot is there. */
async function baseOf(
  { request: { continues } }: RunRecord,
  tree: string | null,
  workspace: Pick<Workspace, 'filesIn'>,
): Promise<string | null> {
  if (tree === null || !continues?.base) return tree
  const { base } = continues
  return workspace.filesIn(base).then(
    () => base,
    () => tree,
  )
}

const startEvent = (
  record: RunRecord,
  sandbox: string,
  { base, tree }: { base: string | null; tree: string | null },
): NewEvent => ({
  kind: 'run_start',
  iteration: 0,
  payload: {
    goal: record.goal,
    goal_name: record.request.goalName,
    cwd: record.cwd,
    model_name: record.modelName,
    max_iterations: record.maxIterations,
    hitl_enabled: record.gatePolicy.mode !== 'off',
    sandbox,
    base,
    ...(tree !== null && tree !== base && { tree }),
    ...(record.request.continues && { continues: record.request.continues.runId }),
  },
})

const warning = (message: string): NewEvent => ({
  kind: 'log',
  iteration: 0,
  payload: { level: 'warn', message },
})

const sensitiveFile = ({ dataDir }: Pick<LiveRunParts, 'dataDir'>, runId: string) =>
  path.join(dataDir, 'sensitive', `${runId}.json`)

const policyOf = ({ request }: RunRecord, server: CommandPolicy) => ({
  server,
  project: request.projectPolicy,
  request: request.commandPolicy,
})

/** Settings that wait for a person. What this run or another was told of the same file meanwhile holds. */
async function configToAsk(
  { request: { config, goals } }: RunRecord,
  state: RunState,
  { accepted }: Pick<LiveRunParts, 'accepted'>,
): Promise<AskedConfig | null> {
  if (config === null || config.isAccepted || config.text === null) return null
  if (state.isConfigAccepted) await accepted.accept(config, 'gate')
  if (await accepted.isAccepted(config)) return null
  const { path: place, sha256, text } = config
  return { path: place, sha256, text, goals }
}

const leftOut = ({ request: { config } }: RunRecord): NewEvent[] =>
  config === null || config.leftOut.length === 0
    ? []
    : [
        {
          kind: 'log',
          iteration: 0,
          payload: {
            level: 'warn',
            message: `Nobody has accepted the .retrai.yml of this project, so these of its settings do not count: ${config.leftOut.join(', ')}. Accept it with trust_config: "${config.sha256}" (retrai run --trust-config)`,
          },
        },
      ]
