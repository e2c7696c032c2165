import { z } from 'zod'
import { DiffStat, Flag, TestCounts } from './shared.ts'

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
    agent_says: z.string().nullable().meta({ description: "The model's last words in this iteration" }),
  }),
} as const
