// A gate and the decision that closed it, in the words of the journal and of the API.
import type { NewEvent, Payload } from '#lib/contract/event'
import type { Decision, Gate, Resume } from '#lib/contract/gates'
import { AppError } from '#lib/errors'
import type { GateRecord, RunRecord } from '#lib/store/types'
import { isoTime } from './summary.ts'
import type { Caller } from './types.ts'

const VERBS = { approve: 'approved', deny: 'denied', abort: 'aborted' } as const

/** The record of a decided gate; refuses a request that wanted the other thing. `answer`: its event. */
export function settled(
  record: RunRecord,
  gate: GateRecord,
  { decision }: Resume,
  answer: Payload<'human_check_response'> | undefined,
): Decision {
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
    ...(answer?.approve_next !== undefined && { approve_next: answer.approve_next }),
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
    ...(request.approve_next !== undefined && { approve_next: request.approve_next }),
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

/** Gates to come are those after iterations: what asks before something is run is never answered beforehand. */
export function refuseNext({ gate: open }: RunRecord, gate: GateRecord | null, request: Resume): void {
  const { decision, approve_next: next } = request
  const isIteration = gate !== null && open?.gateId === gate.id && (open.kind ?? 'iteration') === 'iteration'
  if (next === undefined || (decision === 'approve' && isIteration)) return
  const detail =
    'goes with approve, at a gate after an iteration: gates about commands, settings and checks always open'
  throw new AppError('invalid', `approve_next ${detail}`, { fields: [{ pointer: '/approve_next', detail }] })
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
