import { z } from 'zod'
import { ApproveNext } from '../gate-policy-schema.ts'

/**
 * deny: only where one command is asked about; it is not run, and the run goes on. undo: only after an iteration; what that
 * changed is put back, and the run goes on.
 */
export const DecisionWord = z.enum(['approve', 'deny', 'undo', 'abort']).meta({ id: 'DecisionWord' })
export type DecisionWord = z.infer<typeof DecisionWord>

/** A person answered the gate. */
export const humanCheckResponse = {
  kind: 'human_check_response',
  payload: z.object({
    decision: DecisionWord,
    gate_id: z.string(),
    note: z.string().nullable(),
    queued: z
      .boolean()
      .optional()
      .meta({ description: 'Approved while no slot was free: the run waits in line' }),
    approve_next: ApproveNext.optional(),
    undo: z
      .object({ from: z.string(), to: z.string() })
      .optional()
      .meta({ description: 'Of undo: the snapshot that was looked at, and the one before the iteration' }),
    tree: z.string().optional().meta({
      description: 'Of approve after an iteration: the directory as it was then; the next one begins with it',
    }),
    decided_by: z
      .string()
      .meta({ description: 'Where the decision came from: dashboard, cli, api, or timeout' }),
  }),
} as const
