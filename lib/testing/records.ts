// Rows and events as plain data, for tests that do not care what most fields say.
import { randomUUID } from 'node:crypto'
import type { EventKind, NewEvent, Payload } from '#lib/contract/event'
import { NO_GATES } from '#lib/contract/gate-policy'
import type { RunRecord } from '#lib/store/types'

export const newRecord = (fields: Partial<RunRecord> = {}): RunRecord => ({
  id: randomUUID(),
  goal: 'the file is there',
  cwd: '/tmp',
  request: {
    goalName: 'shell-goal',
    checkCommand: 'test -f done',
    checkTimeoutMs: 60_000,
    successCondition: null,
    protect: 'enforce',
    instructions: null,
    goals: [{ goal: 'the file is there', check_command: 'test -f done' }],
    confirm: 0,
    noProgressIterations: 0,
    network: 'off',
    sandbox: 'auto',
    judged: false,
    commandPolicy: {},
    projectPolicy: {},
    config: null,
  },
  caller: 'api',
  scripted: true,
  tags: [],
  priority: 0,
  createdAt: Date.now(),
  idempotency: null,
  modelName: 'scripted/demo',
  maxIterations: 20,
  gatePolicy: NO_GATES,
  gatesSkipped: null,
  maxCostUsd: null,
  maxTokens: null,
  maxMinutes: null,
  status: 'running',
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
  updatedAt: Date.now(),
  endedAt: null,
  ...fields,
})

const event = <K extends EventKind>(kind: K, payload: Payload<K>, iteration = 0) =>
  ({ kind, iteration, payload }) as Extract<NewEvent, { kind: K }>

export const logEvent = (message: string, iteration = 0) =>
  event('log', { level: 'info', message }, iteration)

export const startEvent = (fields: Partial<Payload<'run_start'>> = {}) =>
  event('run_start', {
    goal: 'the file is there',
    goal_name: 'shell-goal',
    cwd: '/tmp',
    model_name: 'scripted/demo',
    max_iterations: 20,
    hitl_enabled: false,
    sandbox: 'off',
    base: null,
    ...fields,
  })

export const gateEvent = (gateId: string, iteration = 1) =>
  event(
    'human_check_required',
    {
      iteration,
      summary: `Iteration ${iteration}: not yet.`,
      gate_id: gateId,
      diff_stat: null,
      diff_hash: null,
      total_diff_stat: null,
      flags: [],
      cost_usd: 0,
      iteration_cost_usd: 0,
      failing_before: null,
      tests: null,
      agent_says: null,
    },
    iteration,
  )

export const answerEvent = (gateId: string, decision: 'approve' | 'abort' = 'approve', by = 'api') =>
  event('human_check_response', { decision, gate_id: gateId, note: null, decided_by: by }, 1)

export const usageEvent = (fields: Partial<Payload<'llm_usage'>> = {}, iteration = 1) =>
  event(
    'llm_usage',
    {
      input_tokens: 100,
      output_tokens: 20,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      cost_usd: 0.001,
      model: 'test',
      duration_ms: 1,
      stop_reason: 'end_turn',
      attempts: 1,
      ...fields,
    },
    iteration,
  )

export const checkEvent = (fields: Partial<Payload<'goal_check'>> = {}, iteration = 1) =>
  event(
    'goal_check',
    {
      achieved: false,
      reason: 'not yet',
      baseline: iteration === 0,
      command: 'test -f done',
      exit_code: 1,
      duration_ms: 1,
      output: '',
      truncated: false,
      bytes: 0,
      tests: null,
      flags: [],
      broken: false,
      tree: null,
      ...fields,
    },
    iteration,
  )

export const endEvent = (fields: Partial<Payload<'run_end'>> = {}, iteration = 1) =>
  event(
    'run_end',
    {
      achieved: true,
      iterations: iteration,
      total_tokens: 0,
      status: 'achieved',
      outcome: 'achieved',
      reason: 'it is there',
      estimated_cost_usd: 0,
      duration_ms: 1,
      ...fields,
    },
    iteration,
  )
