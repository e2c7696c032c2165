import { z } from 'zod'

/** A person lets a paused run go on, or what it waited for is there again. */
export const resumed = {
  kind: 'resumed',
  payload: z.object({
    by: z.string().meta({ description: 'dashboard, cli or api; server: it resumed by itself' }),
    queued: z.boolean().meta({ description: 'No slot is free: the run waits in line' }),
  }),
} as const
