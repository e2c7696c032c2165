import { z } from 'zod'

/** The run cannot go on for now and holds its place. */
export const paused = {
  kind: 'paused',
  payload: z.object({
    reason: z.enum(['model_unavailable', 'model_quota', 'disk_full']),
    detail: z.string(),
    retry_at: z
      .number()
      .nullable()
      .meta({ description: 'Seconds since the epoch; null: resumes by hand only' }),
  }),
} as const
