import { count } from '#lib/client/format'
import { type Decision, resumeRun } from '#lib/contract/gates'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'

export interface ApproveOptions {
  note?: string
  reviewed?: string
  next?: number
  rest?: boolean
  undo?: boolean
}

/** retrai deny: the command that a run asks about is not run; the run goes on. */
export async function deny(
  name: string,
  { note }: ApproveOptions,
  { client, output }: Session,
): Promise<ExitCode> {
  const run_id = await findRun(client, name)
  const decision = await client.call(resumeRun, { params: { run_id }, body: { decision: 'deny', note } })
  if (output.isJson) output.json(decision)
  else output.data(`denied  ${run_id} goes on without the command (${oneLine(decision.status)})`)
  return EXIT.achieved
}

/** retrai approve: lets a run go on that waits at its gate, or is paused. */
export async function approve(
  name: string,
  { note, reviewed, next, rest, undo }: ApproveOptions,
  { client, output }: Session,
): Promise<ExitCode> {
  const run_id = await findRun(client, name)
  const approve_next = rest ? ('rest' as const) : next
  const word = undo ? ('undo' as const) : ('approve' as const)
  const body = { decision: word, note, reviewed, approve_next }
  const decision = await client.call(resumeRun, { params: { run_id }, body })
  if (output.isJson) output.json(decision)
  else if (undo) output.data(`undone  ${run_id} goes on without that iteration (${oneLine(decision.status)})`)
  else output.data(`approved  ${run_id} goes on (${oneLine(decision.status)})${nextWords(decision)}`)
  return EXIT.achieved
}

function nextWords({ approve_next: next }: Decision): string {
  if (next === undefined) return ''
  const which = next === 'rest' ? 'the rest of the run' : count(next, 'more iteration')
  return `, and does not ask for ${which}`
}
