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
  })
  .meta({ id: 'TestCounts' })
export type TestCounts = z.infer<typeof TestCounts>

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
      ])
      .meta({ description: 'What a person should look at before trusting the change' }),
    path: z.string().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'Flag' })
export type Flag = z.infer<typeof Flag>

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
  'check_broken',
  'model_error',
  'model_protocol',
  'internal_error',
  'crash_loop',
  'aborted',
])
export type Outcome = z.infer<typeof Outcome>
