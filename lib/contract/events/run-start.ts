import { z } from 'zod'
import { SANDBOX_MODE } from '../sandbox-mode.ts'

/** The first event: what was asked for, with every default resolved. */
export const runStart = {
  kind: 'run_start',
  payload: z.object({
    goal: z.string(),
    goal_name: z.string().meta({ description: 'The registered goal that checks, e.g. pytest or shell-goal' }),
    cwd: z.string(),
    model_name: z.string(),
    max_iterations: z.number().int(),
    hitl_enabled: z.boolean(),
    sandbox: z.string().meta({ description: SANDBOX_MODE }),
    base: z.string().nullable().meta({
      description:
        'Snapshot of the directory at the start, which tests and changes are held against; null without git',
    }),
    tree: z.string().optional().meta({
      description: 'The directory as this run found it, where base is that of the run it goes on from',
    }),
    continues: z.string().optional().meta({ description: 'The run that this one goes on from' }),
  }),
} as const
