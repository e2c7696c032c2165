import { z } from 'zod'

/** The server restarted and takes the run up again where its journal ends. */
export const recovered = {
  kind: 'recovered',
  payload: z.object({ boot: z.string(), interrupted_calls: z.array(z.string()) }),
} as const
