import { z } from 'zod'
import { Flag, Measurement, TestCounts } from './shared.ts'

/** One of several goals, by itself. */
export const PartOfCheck = z
  .object({
    goal: z.string(),
    achieved: z.boolean(),
    reason: z.string(),
    command: z.string(),
    exit_code: z.number().int().nullable(),
    duration_ms: z.number(),
    broken: z.boolean(),
    tests: TestCounts.nullable(),
    measurement: Measurement.optional(),
  })
  .meta({ id: 'PartOfCheck' })

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
    measurement: Measurement.optional().meta({ description: 'Where the check measures something' }),
    judged: z.boolean().optional().meta({ description: 'A model decided, not a program' }),
    goals: z
      .array(PartOfCheck)
      .optional()
      .meta({ description: 'Of a run with several goals: each by itself; all must hold' }),
    confirmations: z
      .number()
      .int()
      .optional()
      .meta({ description: 'How often a green check was run again, and stayed green' }),
    fingerprint: z.boolean().optional().meta({
      description: 'What the check is made of was taken down, to be compared with after a green one',
    }),
    evidence: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'SHA-256 of the evidence kept of this check: GET …/evidence' }),
  }),
} as const
