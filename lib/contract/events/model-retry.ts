import { z } from 'zod'

/** A model call failed in a way that passes; it is tried again. */
export const modelRetry = {
  kind: 'model_retry',
  payload: z.object({
    attempt: z.number().int(),
    reason: z.string(),
    status: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'HTTP status; null for a cut or silent connection' }),
    wait_ms: z.number(),
  }),
} as const
