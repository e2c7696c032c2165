import { z } from 'zod'
import { Node } from './shared.ts'

/** A node of the loop begins. */
export const stepStart = {
  kind: 'step_start',
  payload: z.object({
    node: Node,
    active_ms: z.number().optional().meta({
      description:
        'Time worked on the run so far, without gates, pauses and waiting for a slot, by a clock that never jumps',
    }),
  }),
} as const
