import { z } from 'zod'

/**
 * The model's whole answer, as the API gave it. With the tool results it is what a restarted server rebuilds the
 * conversation from, so the content blocks are kept to the letter (thinking signatures included).
 */
export const modelResponse = {
  kind: 'model_response',
  payload: z.object({
    content: z
      .array(z.record(z.string(), z.unknown()))
      .meta({ description: 'Content blocks of the Messages API' }),
    stop_reason: z.string().nullable(),
    model: z.string(),
    malformed_args: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Tool arguments that were not JSON, by call id; answered with an error result' }),
  }),
} as const
