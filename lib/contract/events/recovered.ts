import { z } from 'zod'

/** The server restarted and takes the run up again where its journal ends. */
export const recovered = {
  kind: 'recovered',
  payload: z.object({
    boot: z.string(),
    interrupted_calls: z.array(z.string()),
    queued: z.boolean().meta({ description: 'No slot is free: the run waits in line' }),
    clean: z.boolean().meta({ description: 'The server had been stopped in order; false: it died' }),
    crashes: z
      .number()
      .int()
      .meta({ description: 'How often the server died at work on this run since its last progress' }),
  }),
} as const
