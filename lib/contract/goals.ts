import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { PartOfCheck } from './events/goal-check.ts'
import { Measurement, TestCounts } from './events/shared.ts'
import { StartRun, SuccessCondition, TrustConfig } from './runs.ts'

export const GoalInfo = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    needs_command: z.boolean().meta({ description: 'Must be given a check_command' }),
    judged: z.boolean().meta({ description: 'A model gives the verdict, not a program' }),
    options: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'JSON Schema of its goal_options; null when it has none' }),
  })
  .meta({ id: 'GoalInfo' })
export type GoalInfo = z.infer<typeof GoalInfo>

export const listGoals = endpoint({
  id: 'listGoals',
  method: 'GET',
  path: '/api/goals',
  tag: 'goals',
  summary: 'The registered goals',
  response: z.array(GoalInfo),
})

export const GoalCandidate = z
  .object({
    goal: z.string(),
    check_command: z.string().nullable(),
    why: z.string().meta({ description: 'What in the project speaks for it' }),
  })
  .meta({ id: 'GoalCandidate' })
export type GoalCandidate = z.infer<typeof GoalCandidate>

/** The settings a project keeps in `.retrai.yml`. */
export const ProjectSettings = z
  .object({
    path: z.string(),
    sha256: z.string(),
    accepted: z.boolean().meta({ description: 'By a person or a request, as the file is now' }),
    decides: z.boolean().meta({ description: 'A run that names no goal takes its goal or commands from it' }),
    text: z.string(),
  })
  .meta({ id: 'ProjectSettings' })
export type ProjectSettings = z.infer<typeof ProjectSettings>

export const acceptConfig = endpoint({
  id: 'acceptConfig',
  method: 'POST',
  path: '/api/goals/accept-config',
  tag: 'goals',
  summary: "Accept a project's .retrai.yml as it is, so that runs may obey it",
  body: z.strictObject({
    cwd: z.string().min(1).max(4096).optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex')
      .meta({ description: 'Of the file that was looked at; 422 when it is another by now' }),
  }),
  response: ProjectSettings,
  errors: ['invalid', 'bad_json', 'not_json'],
})

export const detectGoals = endpoint({
  id: 'detectGoals',
  method: 'POST',
  path: '/api/goals/detect',
  tag: 'goals',
  summary: 'Which goals fit a directory, best first',
  body: z.strictObject({ cwd: z.string().min(1).max(4096).optional() }),
  response: z.object({
    cwd: z.string(),
    git: z.boolean(),
    candidates: z.array(GoalCandidate),
    config: ProjectSettings.nullable(),
  }),
  errors: ['invalid', 'bad_json', 'not_json'],
})

export const CheckGoal = z
  .strictObject({
    goal: z.string().trim().max(65_536).optional(),
    goals: StartRun.shape.goals,
    goal_options: StartRun.shape.goal_options,
    cwd: z.string().min(1).max(4096).optional(),
    check_command: z.string().trim().min(1).max(10_000).optional(),
    check_timeout_seconds: z.number().min(1).max(7200).optional(),
    success_condition: SuccessCondition.optional(),
    network: StartRun.shape.network,
    trust_config: TrustConfig.optional(),
  })
  .meta({ id: 'CheckGoal' })

export const CheckReport = z
  .object({
    achieved: z.boolean(),
    broken: z.boolean().meta({ description: 'The check itself could not run; `reason` says what to do' }),
    reason: z.string(),
    command: z.string(),
    exit_code: z.number().int().nullable(),
    duration_ms: z.number(),
    output: z.string(),
    tests: TestCounts.nullable(),
    measurement: Measurement.optional(),
    goals: z.array(PartOfCheck).optional().meta({ description: 'Of several goals: each by itself' }),
  })
  .meta({ id: 'CheckReport' })
export type CheckReport = z.infer<typeof CheckReport>

export const checkGoal = endpoint({
  id: 'checkGoal',
  method: 'POST',
  path: '/api/goals/check',
  tag: 'goals',
  summary: 'Run the check once: no agent, no tokens',
  body: CheckGoal,
  response: CheckReport,
  errors: ['invalid', 'config_not_accepted', 'bad_json', 'not_json', 'queue_full'],
})
