import { z } from 'zod'
import { CommandPolicy } from './command-policy.ts'
import { endpoint, START_HEADERS } from './endpoint.ts'
import { GateKind, Node, Outcome } from './events/shared.ts'
import { GatePolicyChange, GatePolicyInput, GatePolicySchema } from './gate-policy-schema.ts'
import { NetworkSchema } from './network-schema.ts'
import { SANDBOX_MODE } from './sandbox-mode.ts'

export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'achieved',
  'exhausted',
  'failed',
  'aborted',
] as const
export const RunStatus = z.enum(RUN_STATUSES).meta({ id: 'RunStatus' })
export type RunStatus = z.infer<typeof RunStatus>

export const FINAL_STATUSES = ['achieved', 'exhausted', 'failed', 'aborted'] as const
export type FinalStatus = (typeof FINAL_STATUSES)[number]
export const isFinal = (status: RunStatus): status is FinalStatus =>
  (FINAL_STATUSES as readonly string[]).includes(status)

export const DEFAULT_MODEL = 'claude-sonnet-4-6'
export const DEFAULT_MAX_ITERATIONS = 20
export const DEFAULT_NO_PROGRESS = 3

const maxIterations = z.int('must be 1 to 1000').min(1, 'must be 1 to 1000').max(1000, 'must be 1 to 1000')
const maxCostUsd = z.number().positive().max(10_000)
const maxTokens = z.int().min(1000).max(1_000_000_000)
const maxMinutes = z.number().positive().max(10_080)
const goalText = z.string().trim().max(65_536)
const checkCommand = z.string().trim().min(1).max(10_000)

export const SuccessCondition = z
  .strictObject({
    exit_code: z
      .union([z.int().min(0).max(255), z.literal('any')])
      .optional()
      .meta({ description: 'Default 0' }),
    output_contains: z.string().min(1).max(10_000).optional(),
    output_regex: z.string().min(1).max(1000).optional(),
    max_seconds: z.number().positive().max(86_400).optional(),
  })
  .meta({ id: 'SuccessCondition', description: 'All that is given must hold' })
export type SuccessCondition = z.infer<typeof SuccessCondition>

export const Protect = z
  .union([z.enum(['off', 'report', 'enforce']), z.array(z.string().min(1).max(500)).max(100)])
  .meta({
    id: 'Protect',
    description:
      'enforce (default): the check runs with the tests as they were at the start; report: changes to them are only ' +
      'flagged; off; or a list of glob patterns to enforce instead of what the goal names as its tests. Patterns that ' +
      'begin with ! allow changes; a list of these alone keeps the rest of what the goal names',
  })
export type Protect = z.infer<typeof Protect>

const goalOptions = z
  .record(z.string().min(1).max(100), z.unknown())
  .refine(options => JSON.stringify(options).length <= 65_536, 'must be at most 64 KiB')
  .meta({ description: 'Settings of the goal alone: see GET /api/goals for which there are' })

/** One of several goals. */
export const GoalPart = z
  .strictObject({
    goal: goalText.min(1),
    check_command: checkCommand.optional(),
    success_condition: SuccessCondition.optional(),
    goal_options: goalOptions.optional(),
  })
  .meta({ id: 'GoalPart' })
export type GoalPart = z.infer<typeof GoalPart>

/** Settings of a project are obeyed once somebody has accepted them as they are. */
export const TrustConfig = z
  .union([z.boolean(), z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the file, or true')])
  .meta({
    id: 'TrustConfig',
    description:
      "true accepts the project's .retrai.yml as it is, a SHA-256 accepts it if it still is that file. Without it, settings that " +
      'nobody has accepted run no command: where they decide, the run opens a gate first; else only their limits count',
  })
export type TrustConfig = z.infer<typeof TrustConfig>

export const StartRun = z
  .strictObject({
    goal: goalText.optional().meta({
      description:
        'A registered goal (pytest, npm-test, …) or any text, judged by check_command, without one by a model. ' +
        'Blank: what .retrai.yml says, else what the project is detected to have',
    }),
    goals: z
      .array(z.union([z.string().trim().min(1).max(200), GoalPart]))
      .min(1)
      .max(10)
      .optional()
      .meta({
        description: 'Several goals at once: all must hold. Instead of goal, or beside it as its check',
      }),
    goal_options: goalOptions.optional(),
    cwd: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: "The project's directory; default: the server's working directory" }),
    model_name: z.string().trim().min(1).max(200).optional().meta({ default: DEFAULT_MODEL }),
    max_iterations: maxIterations.optional().meta({ default: DEFAULT_MAX_ITERATIONS }),
    hitl_enabled: z
      .boolean()
      .optional()
      .meta({ default: false, description: 'Stop at a gate after each unmet iteration' }),
    gate_policy: GatePolicyInput.optional(),
    check_command: checkCommand.optional(),
    check_timeout_seconds: z.number().min(1).max(7200).optional().meta({ description: 'Default 600' }),
    success_condition: SuccessCondition.optional(),
    protect: Protect.optional(),
    confirm: z
      .int('must be 0 to 10')
      .min(0, 'must be 0 to 10')
      .max(10, 'must be 0 to 10')
      .optional()
      .meta({ default: 0, description: 'Run a green check this many times more; one that flips is flaky' }),
    no_progress_iterations: z
      .int('must be 0 to 100')
      .min(0, 'must be 0 to 100')
      .max(100, 'must be 0 to 100')
      .optional()
      .meta({
        default: DEFAULT_NO_PROGRESS,
        description:
          'After this many iterations with the same failing tests (of a check that names none: without a single call) the agent is asked to reflect once, then the run ends; 0: never',
      }),
    max_cost_usd: maxCostUsd.optional(),
    max_tokens: maxTokens.optional(),
    max_minutes: maxMinutes.optional(),
    instructions: z.string().max(65_536).optional().meta({ description: 'Added to the first message' }),
    network: NetworkSchema.optional().meta({
      default: 'off',
      description: 'What sandboxed commands and checks of this run have of the network',
    }),
    sandbox: z.literal('off').optional().meta({
      description:
        'off: commands of this run are not sandboxed, and can do what the user of the server can; refused where the server requires the sandbox',
    }),
    command_policy: CommandPolicy.optional(),
    trust_config: TrustConfig.optional(),
    tags: z.array(z.string().min(1).max(50)).max(20).optional(),
    priority: z
      .int('must be -100 to 100')
      .min(-100, 'must be -100 to 100')
      .max(100, 'must be -100 to 100')
      .optional()
      .meta({
        default: 0,
        description: 'Of the runs that wait for a slot the highest is next; equal ones in order of arrival',
      }),
  })
  .refine(({ goal, goals }) => goal !== undefined || goals !== undefined, {
    path: ['goal'],
    error: 'is missing',
    // Also beside other problems: whoever sends a request wants to know all of them.
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .meta({ id: 'StartRun', anyOf: [{ required: ['goal'] }, { required: ['goals'] }] })
export type StartRun = z.infer<typeof StartRun>

/** What a rerun changes; what is left out stays as it was. */
export const Rerun = z
  .strictObject({
    ...StartRun.shape,
    gate_policy: GatePolicyChange.optional(),
    max_cost_usd: maxCostUsd.nullable().optional(),
    max_tokens: maxTokens.nullable().optional(),
    max_minutes: maxMinutes.nullable().optional(),
    continue: z
      .boolean()
      .optional()
      .meta({
        description:
          'Go on where the run stopped, e.g. with more to spend when it is exhausted: a new run in the same directory as it is now, ' +
          'with the budgets of before or those given here. The agent is told what was tried; tests are held against the start of the ' +
          'run that it goes on from, and total changes are counted from there. Of a run that has ended without meeting its goal',
      }),
  })
  .meta({
    id: 'Rerun',
    description: 'What is to be different; null removes a budget. Another goal brings its own check',
  })
export type Rerun = z.infer<typeof Rerun>

export const RunStarted = z.object({ run_id: z.uuid(), status: RunStatus }).meta({ id: 'RunStarted' })
export type RunStarted = z.infer<typeof RunStarted>

/** A moment, in whole seconds. */
export const time = z.iso.datetime()

const GateSummary = z.object({
  kind: GateKind.optional().meta({ description: 'Default iteration' }),
  gate_id: z.string(),
  iteration: z.number().int(),
  opened_at: time,
  summary: z.string(),
  expires_at: time
    .nullable()
    .optional()
    .meta({ description: 'When it is decided if nobody answers (gate_policy); null: never' }),
})

export const Queued = z
  .object({
    position: z.int().min(1).nullable().meta({ description: '1: next; null: not in line yet, see reason' }),
    reason: z.string().meta({ description: 'Why it waits, in a sentence' }),
  })
  .meta({ id: 'Queued' })
export type Queued = z.infer<typeof Queued>

/** What lists show: one row per run, kept beside the journal in the same transaction. */
export const RunSummary = z
  .object({
    run_id: z.uuid(),
    goal: z.string(),
    status: RunStatus,
    created_at: time,
    model_name: z.string(),
    max_iterations: z.number().int(),
    hitl_enabled: z.boolean(),
    cwd: z.string(),
    updated_at: time,
    ended_at: time.nullable(),
    phase: Node.nullable().meta({ description: 'The node that runs now; null when none does' }),
    iteration: z.number().int(),
    failing: z.number().int().nullable().meta({ description: 'Failing tests at the last check' }),
    tests_total: z.number().int().nullable(),
    trend: z
      .array(z.number().int())
      .meta({ description: 'Failing tests at each check, oldest first, last 50' }),
    insertions: z.number().int().nullable(),
    deletions: z.number().int().nullable(),
    total_tokens: z.number().int(),
    estimated_cost_usd: z.number().nullable(),
    max_cost_usd: z.number().nullable(),
    outcome: Outcome.nullable(),
    reason: z.string().nullable().meta({ description: 'Why it ended, waits or is paused; in a sentence' }),
    gate: GateSummary.nullable().meta({ description: 'The open gate' }),
    priority: z.int(),
    queue: Queued.nullable().meta({ description: 'The place in the queue; null unless status is queued' }),
    tags: z.array(z.string()),
    last_seq: z.number().int(),
    /** True when no real model was involved. */
    scripted: z.boolean(),
    judged: z.boolean().meta({ description: 'A model decides over at least one goal, not a program' }),
  })
  .meta({ id: 'RunSummary' })
export type RunSummary = z.infer<typeof RunSummary>

export const FinalState = z
  .object({
    iteration: z.number().int(),
    goal_achieved: z.boolean(),
    goal_reason: z.string(),
    total_tokens: z.number().int(),
    estimated_cost_usd: z.number().nullable(),
    outcome: Outcome,
  })
  .meta({ id: 'FinalState' })
export type FinalState = z.infer<typeof FinalState>

export const Run = z
  .object({
    ...RunSummary.shape,
    error: z.string().nullable(),
    final_state: FinalState.nullable().meta({ description: 'null until the run has ended' }),
    gate_policy: GatePolicySchema,
    gates_skipped_until: z
      .union([z.int(), z.literal('rest')])
      .nullable()
      .meta({ description: 'Iterations up to this one open no gate of their own; rest: none does any more' }),
    continues: z.uuid().nullable().meta({ description: 'The run that this one goes on from' }),
    goal_name: z.string(),
    check_command: z.string().nullable(),
    success_condition: SuccessCondition.nullable(),
    protect: Protect,
    goals: z.array(GoalPart).meta({ description: 'What must hold, each by itself; one for most runs' }),
    goal_options: z.record(z.string(), z.unknown()),
    confirm: z.int(),
    no_progress_iterations: z.int(),
    max_tokens: z.number().int().nullable(),
    max_minutes: z.number().nullable(),
    instructions: z.string().nullable(),
    sandbox: z.string().meta({ description: SANDBOX_MODE }),
    command_policy: CommandPolicy.optional().meta({ description: 'As the request gave it' }),
    project_config: z
      .object({
        sha256: z.string(),
        accepted: z.boolean().meta({ description: 'Before the run began' }),
        left_out: z
          .array(z.string())
          .meta({ description: 'Settings that were not accepted, and do not count' }),
      })
      .nullable()
      .optional()
      .meta({ description: "The project's .retrai.yml as the run took it; null without one" }),
    network: NetworkSchema.meta({
      description: 'What sandboxed commands have; plain ones have what the server has',
    }),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

export const RunParams = z.strictObject({ run_id: z.string().max(200) })

/** A query parameter that takes several values, separated by commas. */
export const commaList = z.string().max(4000)

/** What a list can be ordered by. A minus before it: largest or newest first. */
export const RUN_SORTS = ['created', 'updated', 'iterations', 'failing', 'cost', 'tokens'] as const
export type RunSortKey = (typeof RUN_SORTS)[number]
export const RunSort = z
  .enum([...RUN_SORTS, ...RUN_SORTS.map(key => `-${key}` as const)])
  .meta({ id: 'RunSort' })
export type RunSort = z.infer<typeof RunSort>

/** Which runs are meant. */
const runFilter = {
  status: commaList.optional().meta({ description: 'One or more statuses, comma = or' }),
  goal: commaList.optional(),
  cwd: commaList.optional(),
  model_name: commaList.optional(),
  since: z
    .string()
    .max(50)
    .optional()
    .meta({ description: 'An ISO time, or an age such as 30m, 12h, 7d: runs created since then' }),
  q: z.string().max(500).optional().meta({ description: 'Text in goal, directory or run id' }),
}

export const ListRunsQuery = z.strictObject({
  ...runFilter,
  sort: RunSort.optional().meta({
    description: 'Default -created, newest first. What has no value comes last, whatever the direction',
  }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'Opaque; from the Link header of the page before' }),
})
export type ListRunsQuery = z.infer<typeof ListRunsQuery>

export const CountRunsQuery = z.strictObject(runFilter)
export type CountRunsQuery = z.infer<typeof CountRunsQuery>

const facet = z.array(z.object({ value: z.string(), count: z.int() })).meta({
  description:
    'Most frequent first, at most 100; values with a comma are left out, because no filter can name them',
})

export const RunCounts = z
  .object({
    total: z.int().meta({ description: 'Of all runs there are, whatever the filter' }),
    status: z.record(RunStatus, z.int()),
    goal: facet,
    cwd: facet,
    model_name: facet,
  })
  .meta({ id: 'RunCounts' })
export type RunCounts = z.infer<typeof RunCounts>

export const startRun = endpoint({
  id: 'startRun',
  method: 'POST',
  path: '/api/runs',
  tag: 'runs',
  summary: 'Start a run',
  body: StartRun,
  response: RunStarted,
  status: 201,
  errors: [
    'bad_json',
    'body_too_large',
    'not_json',
    'invalid',
    'idempotency_mismatch',
    'queue_full',
    'disk_full',
  ],
  headers: START_HEADERS,
})

export const rerunRun = endpoint({
  id: 'rerunRun',
  method: 'POST',
  path: '/api/runs/{run_id}/rerun',
  tag: 'runs',
  summary: 'Start a run again, as it was or with changes',
  params: RunParams,
  body: Rerun.optional().meta({ description: 'May be left out' }),
  response: RunStarted,
  status: 201,
  errors: [
    'run_not_found',
    'conflict',
    'invalid',
    'bad_request',
    'idempotency_mismatch',
    'queue_full',
    'disk_full',
  ],
  headers: START_HEADERS,
})

export const listRuns = endpoint({
  id: 'listRuns',
  method: 'GET',
  path: '/api/runs',
  tag: 'runs',
  summary: 'List runs, newest first',
  query: ListRunsQuery,
  response: z.array(RunSummary),
  errors: ['bad_query'],
})

export const countRuns = endpoint({
  id: 'countRuns',
  method: 'GET',
  path: '/api/runs/counts',
  tag: 'runs',
  summary: 'How many runs there are, by status, goal, directory and model',
  query: CountRunsQuery.meta({
    description:
      'Each count obeys all filters but the one of its own kind: it says what choosing the value would show',
  }),
  response: RunCounts,
  errors: ['bad_query'],
})

export const getRun = endpoint({
  id: 'getRun',
  method: 'GET',
  path: '/api/runs/{run_id}',
  tag: 'runs',
  summary: 'One run',
  params: RunParams,
  query: z.strictObject({
    wait: z.coerce.number().min(0).max(60).optional().meta({
      description:
        'Seconds to wait for a change of status before answering; with If-None-Match, not at all where the answer has changed since',
    }),
  }),
  response: Run,
  errors: ['run_not_found', 'bad_query'],
})

export const abortRun = endpoint({
  id: 'abortRun',
  method: 'POST',
  path: '/api/runs/{run_id}/abort',
  tag: 'runs',
  summary: 'End a run now, with everything it started',
  params: RunParams,
  body: z
    .strictObject({ reason: z.string().max(2000).optional() })
    .optional()
    .meta({ description: 'May be left out' }),
  response: Run,
  errors: ['run_not_found', 'run_not_active', 'invalid', 'bad_json', 'not_json'],
})

export const RunConfig = z
  .strictObject({
    max_iterations: maxIterations.optional(),
    model_name: z.string().trim().min(1).max(200).optional(),
    hitl_enabled: z
      .boolean()
      .optional()
      .meta({ description: 'true also lets gates open again that were to be skipped (approve_next)' }),
    gate_policy: GatePolicyChange.optional(),
    max_cost_usd: maxCostUsd.nullable().optional(),
    max_tokens: maxTokens.nullable().optional(),
    max_minutes: maxMinutes.nullable().optional(),
  })
  .meta({ id: 'RunConfig', description: 'What is left out stays; null removes a budget' })
export type RunConfig = z.infer<typeof RunConfig>

export const configureRun = endpoint({
  id: 'configureRun',
  method: 'PATCH',
  path: '/api/runs/{run_id}/config',
  tag: 'runs',
  summary: 'Change limits, model or gate of a live run, from its next step on',
  params: RunParams,
  body: RunConfig,
  response: Run,
  errors: ['run_not_found', 'run_not_active', 'invalid', 'bad_json', 'not_json'],
})

export const addNote = endpoint({
  id: 'addNote',
  method: 'POST',
  path: '/api/runs/{run_id}/note',
  tag: 'runs',
  summary: 'A message to the agent, read before its next model call',
  params: RunParams,
  body: z.strictObject({ text: z.string().trim().min(1).max(65_536) }),
  response: z.object({ seq: z.number().int() }),
  errors: ['run_not_found', 'run_not_active', 'invalid', 'bad_json', 'not_json'],
})
