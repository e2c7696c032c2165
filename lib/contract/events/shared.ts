// Shapes that several event kinds and REST answers share.
import { z } from 'zod'

export const TestCounts = z
  .object({
    passed: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
    total: z.number().int(),
    failing: z.array(z.string()).meta({ description: 'Names of the failing tests, at most 200' }),
    newly_failing: z.array(z.string()).meta({ description: 'Failing now, not failing at the check before' }),
    fixed: z.array(z.string()).meta({ description: 'Failing at the check before, not failing now' }),
    unit: z
      .enum(['tests', 'problems'])
      .optional()
      .meta({ description: 'problems: findings of a linter or type checker; default tests' }),
    details: z
      .array(
        z.object({
          name: z.string(),
          message: z.string().nullable(),
          file: z.string().nullable(),
          line: z.number().int().nullable(),
        }),
      )
      .optional()
      .meta({ description: 'What the tool says of the failing ones, newly failing first, at most 50' }),
  })
  .meta({ id: 'TestCounts' })
export type TestCounts = z.infer<typeof TestCounts>

export const Measurement = z
  .object({
    name: z.string().meta({ description: 'What was measured, e.g. median of 5 runs' }),
    value: z.number(),
    unit: z.enum(['ms', 'points']),
    target: z.number(),
    better: z.enum(['lower', 'higher']),
    baseline: z.number().nullable().meta({ description: 'What the first check of the run measured' }),
    samples: z.array(z.number()),
  })
  .meta({ id: 'Measurement' })
export type Measurement = z.infer<typeof Measurement>

/** What one iteration did for the goal. */
export const Progress = z
  .object({
    failing_before: z.number().int().nullable(),
    failing_after: z.number().int().nullable(),
    fixed: z.array(z.string()),
    newly_failing: z.array(z.string()),
    trend: z
      .enum(['better', 'worse', 'mixed', 'same', 'unknown'])
      .meta({ description: 'mixed: some were fixed and others broke; unknown: the check names no tests' }),
    same_for: z
      .number()
      .int()
      .meta({ description: 'Checks in a row with the same failures, this one included' }),
  })
  .meta({ id: 'Progress' })
export type Progress = z.infer<typeof Progress>

export const DiffStat = z
  .object({
    files: z.number().int(),
    insertions: z.number().int(),
    deletions: z.number().int(),
    by_file: z
      .array(
        z.object({
          path: z.string(),
          status: z.enum(['added', 'modified', 'deleted', 'renamed']),
          insertions: z.number().int(),
          deletions: z.number().int(),
          binary: z.boolean(),
        }),
      )
      .meta({ description: 'At most 500 files; `files` has the true number' }),
  })
  .meta({ id: 'DiffStat' })
export type DiffStat = z.infer<typeof DiffStat>

export const Flag = z
  .object({
    code: z
      .enum([
        'protected_changed',
        'protected_deleted',
        'test_skipped',
        'fewer_tests',
        'no_tests',
        'large_diff',
        'lockfile_changed',
        'deleted_files',
        'xfail_added',
        'assertions_removed',
        'tests_missing',
        'suppression_added',
        'tool_shadowed',
        'tool_changed',
        'dependency_changed',
        'changed_during_check',
        'suspicious_code',
        'check_file_changed',
        'flaky',
        'no_progress',
        'not_protected',
        'sensitive_change',
      ])
      .meta({ description: 'What a person should look at before trusting the change' }),
    path: z.string().nullable(),
    detail: z.string(),
    blocks: z.boolean().optional().meta({ description: 'Because of this a green check does not count' }),
  })
  .meta({ id: 'Flag' })
export type Flag = z.infer<typeof Flag>

export const GateKind = z.enum(['iteration', 'check', 'command', 'config']).meta({
  id: 'GateKind',
  description:
    'iteration: after an attempt; check: about a check that a model wrote; command: about one command of the agent; ' +
    'config: about settings of the project (.retrai.yml) that nobody has accepted yet',
})
export type GateKind = z.infer<typeof GateKind>

export const NODES = ['plan', 'act', 'evaluate', 'human_check'] as const
export const Node = z.enum(NODES)
export type Node = z.infer<typeof Node>

/** Every way a run can end, finer than its status. */
export const Outcome = z.enum([
  'achieved',
  'already_green',
  'iterations',
  'cost',
  'tokens',
  'time',
  'no_progress',
  'check_broken',
  'model_error',
  'model_protocol',
  'internal_error',
  'crash_loop',
  'aborted',
])
export type Outcome = z.infer<typeof Outcome>
