import { z } from 'zod'
import { DiffStat, Progress } from './shared.ts'

/** One attempt is over: plan, act, evaluate. */
export const iterationComplete = {
  kind: 'iteration_complete',
  payload: z.object({
    iteration: z.number().int(),
    tokens: z.number().int(),
    cost_usd: z.number().nullable(),
    duration_ms: z.number(),
    tool_calls: z.number().int(),
    diff_stat: DiffStat.nullable(),
    total_diff_stat: DiffStat.nullable().meta({ description: 'Since the start of the run' }),
    tree: z.string().nullable(),
    progress: Progress.optional(),
  }),
} as const
