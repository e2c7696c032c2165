import { z } from 'zod'

/** A tool has finished. `output` is what the model reads. */
export const toolResult = {
  kind: 'tool_result',
  payload: z.object({
    call_id: z.string(),
    tool: z.string(),
    output: z.string(),
    exit_code: z.number().int().nullable().meta({
      description: 'Of the command; 0 or 1 for other tools; null when it was killed or interrupted',
    }),
    status: z.enum(['ok', 'error', 'interrupted']),
    duration_ms: z.number(),
    truncated: z.boolean(),
    bytes: z.number().int().meta({ description: 'True size of the output before it was cut' }),
    unusable: z
      .boolean()
      .optional()
      .meta({ description: 'The call itself was wrong (arguments, name): nothing was executed' }),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'For the dashboard, not for the model' }),
  }),
} as const
