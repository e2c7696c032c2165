// Where a run waits for a person, and the person's answer.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AskedCommand, AskedConfig } from './events/human-check-required.ts'
import { DecisionWord } from './events/human-check-response.ts'
import { GateKind } from './events/shared.ts'
import { ApproveNext } from './gate-policy-schema.ts'
import { RunParams, RunStatus, time } from './runs.ts'

export const Resume = z
  .strictObject({
    decision: DecisionWord.meta({
      description:
        'deny: only at a gate about a command, which is then not run; the run goes on. undo: only at a gate after an iteration: ' +
        'the directory is put back to what it was before that (files that snapshots hold; ignored files and .git stay), the agent ' +
        'is told so, and the run goes on; refused like a stale review when the directory is not as `reviewed` says, or else as the ' +
        'gate found it',
    }),
    gate_id: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'The gate that is meant; default: the open one' }),
    note: z.string().max(65_536).optional().meta({ description: 'A message to the agent' }),
    approve_next: ApproveNext.optional(),
    reviewed: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'The diff_hash that was shown; 412 when the directory has changed since' }),
  })
  .meta({ id: 'Resume' })
export type Resume = z.infer<typeof Resume>

export const Decision = z
  .object({
    run_id: z.uuid(),
    status: RunStatus,
    gate_id: z.string().nullable(),
    decision: DecisionWord,
    decided_by: z.string(),
    decided_at: time,
    note: z.string().nullable(),
    approve_next: ApproveNext.optional(),
  })
  .meta({ id: 'Decision' })
export type Decision = z.infer<typeof Decision>

export const resumeRun = endpoint({
  id: 'resumeRun',
  method: 'POST',
  path: '/api/runs/{run_id}/resume',
  tag: 'runs',
  summary: 'Answer the open gate (or start a paused run again)',
  params: RunParams,
  body: Resume,
  response: Decision,
  errors: [
    'run_not_found',
    'gate_decided',
    'conflict',
    'run_not_waiting',
    'diff_changed',
    'invalid',
    'bad_json',
    'not_json',
  ],
})

export const Gate = z
  .object({
    gate_id: z.string(),
    run_id: z.uuid(),
    iteration: z.number().int(),
    opened_at: time,
    summary: z.string(),
    status: z.enum(['open', 'decided']),
    decision: DecisionWord.nullable(),
    decided_at: time.nullable(),
    decided_by: z.string().nullable(),
    note: z.string().nullable(),
    kind: GateKind,
    command: AskedCommand.nullable().meta({ description: 'What a gate about a command asks' }),
    config: AskedConfig.nullable().meta({ description: 'What a gate about settings asks' }),
  })
  .meta({ id: 'Gate' })
export type Gate = z.infer<typeof Gate>

export const listGates = endpoint({
  id: 'listGates',
  method: 'GET',
  path: '/api/gates',
  tag: 'runs',
  summary: 'Gates across runs, newest first',
  query: z.strictObject({ status: z.enum(['open', 'decided']).optional() }),
  response: z.array(Gate),
  errors: ['bad_query'],
})
