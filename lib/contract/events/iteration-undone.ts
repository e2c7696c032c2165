import { z } from 'zod'
import { DiffStat } from './shared.ts'

/** What an iteration had changed was put back, because a person said so at its gate. */
export const iterationUndone = {
  kind: 'iteration_undone',
  payload: z.object({
    iteration: z.number().int(),
    files: z.number().int().meta({ description: 'Files that are as they were before the iteration' }),
    left: z
      .array(z.string())
      .meta({ description: 'Files that could not be put back, or were changed meanwhile; at most 100' }),
    tree: z.string().nullable().meta({ description: 'Snapshot of the directory afterwards' }),
    tests: z
      .object({ failed: z.number().int(), total: z.number().int() })
      .nullable()
      .optional()
      .meta({ description: 'Of the check before the iteration, which counts again' }),
    total_diff_stat: DiffStat.nullable().meta({ description: 'What the run has changed since its start' }),
  }),
} as const
