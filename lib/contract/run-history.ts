// What a run did: its events, its iterations, and what it changed.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { RunEventSchema } from './event.ts'
import { DiffStat, Flag, Measurement, Progress, TestCounts } from './events/shared.ts'
import { commaList, RunParams, time } from './runs.ts'

export const ListEventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).optional().meta({ description: 'Events with a larger seq' }),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: 'Events with a smaller seq, newest of them' }),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  kind: commaList.optional(),
  iteration: z.coerce.number().int().min(0).optional(),
  q: z.string().min(1).max(500).optional().meta({ description: 'Text in the payload' }),
  deltas: z
    .enum(['0', '1'])
    .optional()
    .meta({ description: 'Event stream only: 1 sends also text and output as they come, without id' }),
})
export type ListEventsQuery = z.infer<typeof ListEventsQuery>

/** What of it a stream of events takes. */
export const FollowEventsQuery = ListEventsQuery.pick({
  after: true,
  kind: true,
  iteration: true,
  deltas: true,
})

export const listEvents = endpoint({
  id: 'listEvents',
  method: 'GET',
  path: '/api/runs/{run_id}/events',
  tag: 'runs',
  summary:
    'The history of a run, in order of seq. By Accept: a JSON array; NDJSON, without limit all there is; or an event ' +
    'stream (SSE) that goes on until the run has ended, takes after, kind, iteration and deltas, and resumes with Last-Event-ID',
  params: RunParams,
  query: ListEventsQuery,
  response: z.array(RunEventSchema),
  // The last four are of the event stream: ahead of the run, too many streams, stopping.
  errors: ['run_not_found', 'bad_query', 'conflict', 'too_many_requests', 'not_ready', 'stopping'],
  alsoProduces: ['application/x-ndjson', 'text/event-stream'],
  alsoAnswers: [[204, 'Event stream: the run has ended, and nothing follows Last-Event-ID (or after)']],
  headers: [
    {
      name: 'Last-Event-ID',
      description: 'NDJSON and event stream: only what follows this seq; beats after, as browsers send it',
      schema: { type: 'integer', minimum: 0 },
    },
  ],
})

export const DiffQuery = z.strictObject({
  iteration: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: 'Only what this iteration changed' }),
  from: z.coerce.number().int().min(0).optional().meta({
    description:
      'From what this iteration left; 0 and by default: from the start. Not with iteration or against',
  }),
  to: z.coerce.number().int().min(0).optional().meta({
    description: 'To what this iteration left; by default: to how it is now. Not with iteration or against',
  }),
  against: z.string().max(200).optional().meta({
    description:
      'The id of another run of the same directory: from its result to the result of this one, instead of since the start',
  }),
})

export type DiffQuery = z.infer<typeof DiffQuery>

export const RunDiff = z
  .object({
    stat: DiffStat,
    patch: z.string().meta({ description: 'Unified diff, cut at 2 MiB' }),
    truncated: z.boolean(),
    diff_hash: z.string(),
  })
  .meta({ id: 'RunDiff' })
export type RunDiff = z.infer<typeof RunDiff>

export const getDiff = endpoint({
  id: 'getDiff',
  method: 'GET',
  path: '/api/runs/{run_id}/diff',
  tag: 'runs',
  summary: 'What the run changed in its directory, since its start, in one iteration or from one to another',
  params: RunParams,
  query: DiffQuery,
  response: RunDiff.nullable().meta({
    description: 'null when no snapshot could be taken (git is not installed)',
  }),
  errors: ['run_not_found', 'not_found', 'bad_query'],
})

export const Iteration = z
  .object({
    iteration: z.number().int(),
    started_at: time,
    ended_at: time.nullable(),
    tokens: z.number().int(),
    cost_usd: z.number().nullable(),
    tool_calls: z.number().int(),
    achieved: z.boolean().nullable(),
    reason: z.string().nullable(),
    tests: TestCounts.nullable(),
    progress: Progress.nullable().meta({ description: 'null until its check is done, and for old runs' }),
    measurement: Measurement.nullable(),
    flags: z.array(Flag),
    diff_stat: DiffStat.nullable(),
    first_seq: z.number().int(),
    last_seq: z.number().int(),
  })
  .meta({ id: 'Iteration' })
export type Iteration = z.infer<typeof Iteration>

export const listIterations = endpoint({
  id: 'listIterations',
  method: 'GET',
  path: '/api/runs/{run_id}/iterations',
  tag: 'runs',
  summary: 'The iterations of a run, each in one row of facts',
  params: RunParams,
  response: z.array(Iteration),
  errors: ['run_not_found'],
})
