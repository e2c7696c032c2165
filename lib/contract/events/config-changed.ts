import { z } from 'zod'

/** Somebody changed the limits of a live run; it holds from the next step on. */
export const configChanged = {
  kind: 'config_changed',
  payload: z.object({ changes: z.record(z.string(), z.unknown()), by: z.string() }),
} as const
