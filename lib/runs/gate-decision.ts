// A gate and the decision that closed it, in the words of the journal and of the API.
import type { NewEvent, Payload, RunEvent } from '#lib/contract/event'
import type { Decision, Gate, Resume } from '#lib/contract/gates'
import { AppError } from '#lib/errors'
import type { GateRecord, RunRecord } from '#lib/store/types'
import { treesOf } from './changes.ts'
import { isoTime } from './summary.ts'
import type { Caller } from './types.ts'

const VERBS = { approve: 'approved', deny: 'denied', undo: 'answered with undo', abort: 'aborted' } as const

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

/** `isQueued`: no slot is free for the run to go on. `undo`: the snapshots, where that is the decision. `tree`: the one of now. */
export const answerEvent = (
  gate: GateRecord,
  request: Resume,
  caller: Caller,
  {
    isQueued = false,
    undo,
    tree,
  }: { isQueued?: boolean; undo?: { from: string; to: string } | null; tree?: string | null } = {},
): NewEvent => ({
  kind: 'human_check_response',
  iteration: gate.iteration,
  payload: {
    decision: request.decision,
    gate_id: gate.id,
    note: request.note?.trim() || null,
    queued: isQueued,
    ...(request.approve_next !== undefined && { approve_next: request.approve_next }),
    ...(undo && { undo }),
    ...(tree && { tree }),
    decided_by: caller,
  },
})

export const gateSentence = ({ note }: Resume, caller: Caller) =>
  `Aborted at the gate by ${caller}${note?.trim() ? `: ${note.trim()}` : ''}`

/** Words that mean something only at some gates; elsewhere they could mean anything. `gate`: null where there is none. */
export function refuseMisplaced(
  { id, gate: open }: RunRecord,
  gate: GateRecord | null,
  request: Resume,
): void {
  const { decision, approve_next: next } = request
  const kind = gate !== null && open?.gateId === gate.id ? (open.kind ?? 'iteration') : null
  if (decision === 'deny' && kind !== 'command') throw denyMeansCommand(id)
  if (decision === 'undo' && kind !== 'iteration')
    throw misplaced(
      '/decision',
      `Run ${id} does not wait at a gate after an iteration, so there is nothing to undo`,
    )
  if (next !== undefined && (decision !== 'approve' || kind !== 'iteration'))
    throw misplaced(
      '/approve_next',
      'approve_next goes with approve, at a gate after an iteration: those about commands, settings and checks always open',
    )
}

const denyMeansCommand = (runId: string) =>
  misplaced(
    '/decision',
    `Run ${runId} does not ask about a command, so there is nothing to deny: approve, or abort the run`,
  )

const misplaced = (pointer: string, detail: string) =>
  new AppError('invalid', detail, { fields: [{ pointer, detail }] })

/**
 * What an undo of the iteration before this gate goes from and to. Refuses with `conflict` where snapshots are missing, and with
 * `diff_changed` where the directory is not as it was looked at. `now`: a snapshot of it.
 */
export function undoOf(
  gate: GateRecord,
  events: RunEvent[],
  now: string | null,
  reviewed: string | undefined,
): { from: string; to: string } {
  const trees = treesOf(events)
  const { iteration, diffHash } = gate
  const to = iteration === 1 ? trees?.start : trees?.after.get(iteration - 1)
  if (!to || !diffHash || now === null)
    throw new AppError(
      'conflict',
      `There is no snapshot of the directory from before iteration ${iteration}, so it cannot be undone: approve, or abort the run`,
    )
  if (now !== (reviewed ?? diffHash)) throw diffChanged()
  return { from: now, to }
}

export const diffChanged = () =>
  new AppError('diff_changed', 'The directory has changed since this diff was shown; review it again')

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
