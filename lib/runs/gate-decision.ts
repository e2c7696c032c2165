// A gate and the decision that closed it, in the words of the journal and of the API.
import type { NewEvent, Payload } from '#lib/contract/event'
import type { Decision, Gate, Resume } from '#lib/contract/gates'
import { AppError } from '#lib/errors'
import type { GateRecord, RunRecord } from '#lib/store/types'
import { isoTime } from './summary.ts'
import type { Caller } from './types.ts'

const VERBS = { approve: 'approved', deny: 'denied', abort: 'aborted' } as const

/** The record of a decided gate; refuses a request that wanted the other thing. */
export function settled(record: RunRecord, gate: GateRecord, { decision }: Resume): Decision {
  if (gate.decision === null) {
    throw new AppError('run_not_waiting', `Run ${record.id} ended before this gate was decided`)
  }
  const decidedAt = isoTime(gate.decidedAt ?? 0)
  if (gate.decision !== decision) {
    const verb = VERBS[gate.decision]
    throw new AppError('gate_decided', `The gate was already ${verb} by ${gate.decidedBy} at ${decidedAt}`)
  }
  return {
    run_id: record.id,
    status: record.status,
    gate_id: gate.id,
    decision: gate.decision,
    decided_by: gate.decidedBy ?? 'api',
    decided_at: decidedAt,
    note: gate.note,
  }
}

/** `isQueued`: no slot is free for the run to go on. */
export const answerEvent = (
  gate: GateRecord,
  request: Resume,
  caller: Caller,
  isQueued = false,
): NewEvent => ({
  kind: 'human_check_response',
  iteration: gate.iteration,
  payload: {
    decision: request.decision,
    gate_id: gate.id,
    note: request.note?.trim() || null,
    queued: isQueued,
    decided_by: caller,
  },
})

export const gateSentence = ({ note }: Resume, caller: Caller) =>
  `Aborted at the gate by ${caller}${note?.trim() ? `: ${note.trim()}` : ''}`

/** `deny` is an answer to one command; elsewhere it could mean anything. */
export function refuseDeny({ id, gate: open }: RunRecord, gate: GateRecord, { decision }: Resume): void {
  const isAboutCommand = open?.gateId === gate.id && open.kind === 'command'
  if (decision === 'deny' && !isAboutCommand) throw denyMeansCommand(id)
}

export function denyMeansCommand(runId: string): AppError {
  const detail = `Run ${runId} does not ask about a command, so there is nothing to deny: approve, or abort the run`
  return new AppError('invalid', detail, { fields: [{ pointer: '/decision', detail }] })
}

/** A gate in the words of the API; `asked`: its event. */
export const toGate = (gate: GateRecord, asked: Payload<'human_check_required'> | undefined): Gate => ({
  gate_id: gate.id,
  run_id: gate.runId,
  iteration: gate.iteration,
  opened_at: isoTime(gate.openedAt),
  summary: gate.summary,
  status: gate.decision === null ? 'open' : 'decided',
  decision: gate.decision,
  decided_at: gate.decidedAt === null ? null : isoTime(gate.decidedAt),
  decided_by: gate.decidedBy,
  note: gate.note,
  kind: asked?.kind ?? 'iteration',
  command: asked?.command ?? null,
  config: asked?.config ?? null,
})
