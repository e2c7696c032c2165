import { z } from 'zod'

/** The conversation had grown near the model's context window: long tool output before a point was left out of it. */
export const compacted = {
  kind: 'compacted',
  payload: z.object({
    before: z.number().int().meta({ description: 'Messages before this index were shortened' }),
    context_tokens: z.number().int().meta({ description: 'Size of the context before' }),
  }),
} as const
