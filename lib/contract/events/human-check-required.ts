import { z } from 'zod'
import { GoalPart } from '../runs.ts'
import { DiffStat, Flag, GateKind, TestCounts } from './shared.ts'

/** Exactly this is run when it is approved, and nothing of it before. */
export const AskedCommand = z
  .object({
    call_id: z.string(),
    command: z.string(),
    cwd: z.string().meta({ description: 'Where it would run' }),
    rule: z.string().meta({ description: 'The rule or pattern that asks' }),
    why: z.string(),
  })
  .meta({ id: 'AskedCommand' })
export type AskedCommand = z.infer<typeof AskedCommand>

/** The settings of a project as they were read, and what would be run because of them. */
export const AskedConfig = z
  .object({
    path: z.string(),
    sha256: z.string(),
    text: z.string(),
    goals: z.array(GoalPart),
  })
  .meta({ id: 'AskedConfig' })
export type AskedConfig = z.infer<typeof AskedConfig>

/** A gate opens: the run waits for a person. */
export const humanCheckRequired = {
  kind: 'human_check_required',
  payload: z.object({
    iteration: z.number().int(),
    summary: z.string(),
    gate_id: z.string(),
    diff_stat: DiffStat.nullable().meta({ description: 'What this iteration changed; null without git' }),
    diff_hash: z
      .string()
      .nullable()
      .meta({ description: 'Send it back as `reviewed` to refuse a stale review' }),
    total_diff_stat: DiffStat.nullable().meta({ description: 'What the run changed since its start' }),
    flags: z.array(Flag),
    cost_usd: z.number().nullable().meta({ description: 'Of the run so far' }),
    iteration_cost_usd: z.number().nullable(),
    failing_before: z.number().int().nullable(),
    tests: TestCounts.nullable(),
    check: z
      .object({ command: z.string(), files: z.array(z.object({ path: z.string(), content: z.string() })) })
      .optional()
      .meta({ description: 'The gate is about this check, which a model wrote; nothing was done yet' }),
    kind: GateKind.optional().meta({ description: 'Default iteration' }),
    command: AskedCommand.optional(),
    config: AskedConfig.optional(),
    agent_says: z.string().nullable().meta({ description: "The model's last words in this iteration" }),
  }),
} as const
