// From a request to the row of a new run: everything is decided and checked here, before anything is stored or started.
import { createHash, randomUUID } from 'node:crypto'
import type { Network } from '#lib/contract/network'
import { DEFAULT_MAX_ITERATIONS, DEFAULT_MODEL, DEFAULT_NO_PROGRESS, type StartRun } from '#lib/contract/runs'
import { chooseGoals } from '#lib/goals/choose-goals'
import { resolveGoals } from '#lib/goals/resolve-goal'
import type { Models } from '#lib/models/model'
import type { AcceptedConfigs } from '#lib/store/accepted-configs'
import type { Continued, RunRecord } from '#lib/store/types'
import type { Workspaces } from '#lib/workspace/workspaces'
import { checkPrice } from './check-price.ts'
import { refusePlain, type SandboxState } from './command-freedom.ts'
import { decideNetwork } from './decide-network.ts'
import { gateSettings, gatesOfProject } from './gate-settings.ts'
import { type SettingsBefore, settingsAgain, storedConfig, takeSettings } from './project-settings.ts'

interface CreateOptions {
  request: StartRun
  caller: string
  idempotencyKey: string | undefined
  traceparent?: string | undefined
  /** Of the run that is started again. */
  before?: SettingsBefore | undefined
  /** The run that it goes on from. */
  continues?: Continued | undefined
  defaultCwd: string
  models: Models
  workspaces: Pick<Workspaces, 'open'>
  redact?: <T>(value: T) => T
  sandbox: SandboxState
  accepted: AcceptedConfigs
  /** The most that runs may have of it, where the server's person said so. */
  network?: Network | null
  now: number
}

/** Rejects with AppError('invalid'), naming the field, when the run could not work. */
export async function createRecord(options: CreateOptions): Promise<RunRecord> {
  const { models, now, redact = value => value } = options
  const request = { ...options.request, goal: redact(options.request.goal) }
  refusePlain(request.sandbox, options.sandbox)
  const workspace = await options.workspaces.open(request.cwd ?? options.defaultCwd)
  const { settings: project, config } = await settingsOf(workspace.root, request, options)
  const { network, wanted } = decideNetwork({
    request: request.network,
    project: project?.network,
    server: options.network ?? null,
  })
  // Refused where a list cannot be held.
  if (typeof network !== 'string')
    await options.workspaces.open(workspace.root, { network, plain: request.sandbox === 'off' })
  const { text, goals } = await chooseGoals(request, project, workspace)
  const { goal, options: goalOptions } = resolveGoals(goals, {
    timeoutSeconds: request.check_timeout_seconds ?? project?.check_timeout_seconds ?? null,
    about: text,
  })
  const modelName = request.model_name ?? project?.model_name ?? DEFAULT_MODEL
  const model = models.get(modelName)
  const maxCostUsd = request.max_cost_usd ?? project?.max_cost_usd ?? null
  checkPrice(model, maxCostUsd)
  const gatePolicy = gateSettings(gatesOfProject(project), plainly(request))
  return {
    id: randomUUID(),
    goal: redact(text), // also what .retrai.yml says
    cwd: workspace.root,
    request: {
      goalName: goal.name,
      checkCommand: goalOptions.checkCommand,
      checkTimeoutMs: goalOptions.timeoutMs,
      successCondition: goalOptions.successCondition,
      protect: request.protect ?? project?.protect ?? 'enforce',
      instructions: redact(request.instructions ?? project?.instructions ?? null),
      goals,
      confirm: request.confirm ?? project?.confirm ?? 0,
      noProgressIterations:
        request.no_progress_iterations ?? project?.no_progress_iterations ?? DEFAULT_NO_PROGRESS,
      judged: goal.isJudged ?? false,
      network,
      ...(wanted !== null && { networkWanted: wanted }),
      sandbox: request.sandbox ?? 'auto',
      ...(options.traceparent !== undefined && { traceparent: options.traceparent }),
      commandPolicy: request.command_policy ?? {},
      projectPolicy: project?.command_policy ?? {},
      config,
      ...(options.continues && { continues: options.continues }),
    },
    caller: options.caller,
    scripted: model.scripted,
    tags: redact(request.tags ?? []),
    priority: request.priority ?? 0,
    createdAt: now,
    idempotency:
      options.idempotencyKey === undefined
        ? null
        : { key: options.idempotencyKey, hash: hashOf(options.request, options.continues) },
    modelName,
    maxIterations: request.max_iterations ?? project?.max_iterations ?? DEFAULT_MAX_ITERATIONS,
    gatePolicy,
    gatesSkipped: null,
    maxCostUsd,
    maxTokens: request.max_tokens ?? project?.max_tokens ?? null,
    maxMinutes: request.max_minutes ?? project?.max_minutes ?? null,
    status: 'queued',
    lastSeq: 0,
    phase: null,
    iteration: 0,
    failing: null,
    testsTotal: null,
    trend: [],
    insertions: null,
    deletions: null,
    totalTokens: 0,
    costUsd: 0,
    outcome: null,
    reason: null,
    error: null,
    finalState: null,
    gate: null,
    updatedAt: now,
    endedAt: null,
  }
}

async function settingsOf(root: string, request: StartRun, options: CreateOptions) {
  const { caller, accepted, before, redact = value => value } = options
  const asked = { root, request, caller, accepted }
  if (before) return settingsAgain(before, asked)
  const taken = await takeSettings(asked)
  return { settings: taken.settings, config: storedConfig(taken, redact) }
}

/** Of the body alone: the same request gives the same hash, whatever the order of its fields. */
export const hashOf = (request: StartRun, continues?: Continued) =>
  createHash('sha256')
    .update(JSON.stringify(sorted({ ...request, ...(continues && { continues: continues.runId }) })))
    .digest('hex')

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

/** `hitl_enabled: true` by itself means each iteration, whatever the project says. */
const plainly = (request: StartRun): StartRun =>
  request.hitl_enabled === true && request.gate_policy === undefined
    ? { ...request, gate_policy: 'each' }
    : request
