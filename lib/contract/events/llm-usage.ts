import { z } from 'zod'

/** The bill of one model call, from the API's own usage figures. */
export const llmUsage = {
  kind: 'llm_usage',
  payload: z.object({
    input_tokens: z.number().int().meta({ description: 'Neither read from nor written to the prompt cache' }),
    output_tokens: z.number().int(),
    cache_read_input_tokens: z.number().int(),
    cache_creation_input_tokens: z.number().int(),
    cost_usd: z.number().nullable().meta({ description: 'null when the price of the model is not known' }),
    model: z.string(),
    duration_ms: z.number(),
    stop_reason: z.string().nullable(),
    attempts: z.number().int(),
    purpose: z
      .enum(['agent', 'judge', 'write_check'])
      .optional()
      .meta({ description: 'Default agent; the others are asked apart from the conversation' }),
  }),
} as const
