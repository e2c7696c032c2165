import { z } from 'zod'

/** The agent made or changed a file that other programs obey: a git hook, a task of an editor, a workflow. */
export const sensitiveChange = {
  kind: 'sensitive_change',
  payload: z.object({
    path: z.string().meta({ description: 'Relative to the project' }),
    change: z.enum(['created', 'changed', 'deleted']),
    why: z.string().meta({ description: 'What such a file can do, in a sentence' }),
    tool: z
      .string()
      .nullable()
      .meta({ description: 'What ran before it was seen; null: found when the run was taken up again' }),
    call_id: z.string().nullable(),
  }),
} as const
