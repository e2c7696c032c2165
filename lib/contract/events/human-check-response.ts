import { z } from 'zod'

/** A person answered the gate. */
export const humanCheckResponse = {
  kind: 'human_check_response',
  payload: z.object({
    decision: z.enum(['approve', 'abort']),
    gate_id: z.string(),
    note: z.string().nullable(),
    queued: z
      .boolean()
      .optional()
      .meta({ description: 'Approved while no slot was free: the run waits in line' }),
    decided_by: z.string().meta({ description: 'Where the decision came from: dashboard, cli or api' }),
  }),
} as const
