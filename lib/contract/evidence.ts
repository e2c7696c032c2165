// What is kept of a check, so that its verdict can be looked at, and repeated, by anyone.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { DiffStat, Flag, Measurement } from './events/shared.ts'
import { Protect, RunParams, SuccessCondition, time } from './runs.ts'
import { SANDBOX_MODE } from './sandbox-mode.ts'

export const TestCase = z
  .object({
    name: z.string(),
    state: z.enum(['passed', 'failed', 'skipped']),
    message: z.string().optional(),
    file: z.string().optional(),
    line: z.number().int().optional(),
  })
  .meta({ id: 'TestCase' })

export const TestResults = z
  .object({
    unit: z.enum(['tests', 'problems']),
    passed: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
    total: z.number().int(),
    failing: z.array(z.string()),
    cases: z.array(TestCase).meta({
      description:
        'Every case; empty when the tool gave only counts, and without some passed ones beyond 20,000',
    }),
  })
  .meta({ id: 'TestResults' })

const checked = {
  achieved: z.boolean(),
  broken: z.boolean(),
  reason: z.string(),
  command: z.string(),
  exit_code: z.number().int().nullable(),
  duration_ms: z.number(),
  output: z.string(),
  truncated: z.boolean(),
  bytes: z.number().int(),
  tests: TestResults.nullable(),
  measurement: Measurement.optional(),
  judged: z.boolean().optional(),
}

/** What is stored with a check, named by its digest in `goal_check.evidence`. */
export const CheckEvidence = z.object({
  version: z.literal(1),
  run_id: z.string(),
  iteration: z.number().int(),
  baseline: z.boolean(),
  checked_at: time,
  goal: z.string(),
  goal_name: z.string(),
  ...checked,
  goals: z
    .array(z.object({ goal: z.string(), ...checked }))
    .optional()
    .meta({ description: 'Of a run with several goals: each by itself' }),
  confirmations: z
    .array(
      z.object({
        achieved: z.boolean(),
        reason: z.string(),
        exit_code: z.number().int().nullable(),
        duration_ms: z.number(),
        failing: z.array(z.string()),
      }),
    )
    .meta({ description: 'The same check once more, after it was green' }),
  written: z
    .object({ command: z.string(), files: z.array(z.object({ path: z.string(), content: z.string() })) })
    .optional()
    .meta({ description: 'The check that was written for this run and approved' }),
  flags: z.array(Flag),
  conditions: z.object({
    check_timeout_seconds: z.number(),
    success_condition: SuccessCondition.nullable(),
    protect: Protect,
    confirm: z.number().int(),
  }),
  environment: z.object({
    platform: z.string().meta({ description: 'e.g. linux x64, with the version of its kernel' }),
    node: z.string(),
    retrai: z.string(),
    sandbox: z.string().meta({ description: SANDBOX_MODE }),
    tools: z.array(z.object({ name: z.string(), version: z.string() })),
    variables: z.array(z.string()).meta({ description: 'Names of the variables the check was given' }),
  }),
  protected: z
    .array(
      z.object({
        path: z.string(),
        blob: z.string().nullable().meta({
          description: 'As git names its content (git hash-object) at the start; null: it was not there',
        }),
        state: z.enum(['unchanged', 'restored', 'removed', 'changed']).meta({
          description: 'restored: the check ran with the version of the start; changed: with the changed one',
        }),
      }),
    )
    .meta({ description: 'At most 5,000; `protected_total` has the true number' }),
  protected_total: z.number().int(),
  base: z.string().nullable().meta({ description: 'Snapshot of the directory at the start of the run' }),
  tree: z.string().nullable().meta({ description: 'Snapshot of the directory that was judged' }),
})
export type CheckEvidence = z.infer<typeof CheckEvidence>

export const Evidence = z
  .object({
    ...CheckEvidence.shape,
    digest: z
      .string()
      .meta({ description: 'SHA-256 of what was stored; the journal names it in goal_check' }),
    diff: z
      .object({ stat: DiffStat, patch: z.string(), truncated: z.boolean() })
      .nullable()
      .meta({ description: 'What the run had changed when this was checked; null without snapshots' }),
  })
  .meta({ id: 'Evidence' })
export type Evidence = z.infer<typeof Evidence>

export const getEvidence = endpoint({
  id: 'getEvidence',
  method: 'GET',
  path: '/api/runs/{run_id}/evidence',
  tag: 'runs',
  summary:
    'What is kept of a check of the run: of its last one, or of that of an iteration (0: the baseline)',
  params: RunParams,
  query: z.strictObject({ iteration: z.coerce.number().int().min(0).optional() }),
  response: Evidence,
  errors: ['run_not_found', 'not_found', 'bad_query'],
})

export const Verification = z
  .object({
    run_id: z.uuid(),
    agrees: z.boolean().meta({ description: 'The same verdict, on the same files' }),
    reason: z.string(),
    cwd: z.string(),
    iteration: z.number().int(),
    files: z
      .object({
        same: z.boolean().nullable().meta({ description: 'null: cannot be compared without snapshots' }),
        changed: z.array(z.string()).meta({ description: 'What differs from what was judged; at most 200' }),
        protected_changed: z.array(z.string()).meta({ description: 'Of these, what belongs to the check' }),
      })
      .meta({ description: 'The directory, held against what was judged' }),
    was: z.object({
      achieved: z.boolean(),
      reason: z.string(),
      checked_at: time,
      passed: z.number().int().nullable(),
      failed: z.number().int().nullable(),
    }),
    now: z.object({
      achieved: z.boolean(),
      broken: z.boolean(),
      reason: z.string(),
      command: z.string(),
      exit_code: z.number().int().nullable(),
      duration_ms: z.number(),
      output: z.string(),
      passed: z.number().int().nullable(),
      failed: z.number().int().nullable(),
      flags: z.array(Flag),
    }),
    differences: z
      .array(z.string())
      .meta({ description: 'In sentences; tests that went the other way by name' }),
  })
  .meta({ id: 'Verification' })
export type Verification = z.infer<typeof Verification>

export const verifyRun = endpoint({
  id: 'verifyRun',
  method: 'POST',
  path: '/api/runs/{run_id}/verify',
  tag: 'runs',
  summary: 'Run the check of a run again, and compare with its evidence',
  params: RunParams,
  body: z
    .strictObject({
      cwd: z.string().min(1).max(4096).optional().meta({
        description: 'Where to check, e.g. a fresh checkout; default: the run’s directory as it is',
      }),
      checkout: z.boolean().optional().meta({
        description: 'Check a fresh copy of exactly what was judged, in a temporary directory',
      }),
    })
    .optional(),
  response: Verification,
  errors: ['run_not_found', 'not_found', 'invalid', 'bad_json', 'not_json', 'queue_full', 'conflict'],
})
