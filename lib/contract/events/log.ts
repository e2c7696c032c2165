import { z } from 'zod'

/** A sentence from the server about this run. */
export const log = {
  kind: 'log',
  payload: z.object({
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
  }),
} as const
