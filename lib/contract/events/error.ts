import { z } from 'zod'

/** An unexpected error. */
export const errorEvent = {
  kind: 'error',
  payload: z.object({ message: z.string(), traceback: z.string(), code: z.string().nullable() }),
} as const
