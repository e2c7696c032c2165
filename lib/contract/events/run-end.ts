import { z } from 'zod'
import { Outcome } from './shared.ts'

/** The last event of a run; nothing follows it. */
export const runEnd = {
  kind: 'run_end',
  payload: z.object({
    achieved: z.boolean(),
    iterations: z.number().int(),
    total_tokens: z
      .number()
      .int()
      .meta({ description: 'Input, cache reads, cache writes and output of all calls' }),
    status: z.enum(['achieved', 'exhausted', 'failed', 'aborted']),
    outcome: Outcome,
    reason: z.string(),
    estimated_cost_usd: z.number().nullable(),
    duration_ms: z.number(),
  }),
} as const
