import { z } from 'zod'
import { Flag, TestCounts } from './shared.ts'

/** The server ran the goal's check, outside the model. Only this decides `achieved`. */
export const goalCheck = {
  kind: 'goal_check',
  payload: z.object({
    achieved: z.boolean(),
    reason: z.string(),
    baseline: z.boolean().meta({ description: 'The check before the first model call' }),
    command: z.string(),
    exit_code: z.number().int().nullable(),
    duration_ms: z.number(),
    output: z.string(),
    truncated: z.boolean(),
    bytes: z.number().int(),
    tests: TestCounts.nullable().meta({ description: 'null where the check gives only an exit code' }),
    flags: z.array(Flag),
    broken: z.boolean().meta({ description: 'The check itself could not run; `reason` says what to do' }),
    tree: z.string().nullable().meta({ description: 'Snapshot of the directory that was judged' }),
  }),
} as const
