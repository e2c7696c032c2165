import { z } from 'zod'

/** A model wrote the check of this run from the goal's words. It counts once a person has approved it. */
export const checkWritten = {
  kind: 'check_written',
  payload: z.object({
    command: z.string(),
    files: z.array(z.object({ path: z.string(), content: z.string() })),
    explanation: z.string(),
  }),
} as const
