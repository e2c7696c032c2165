// The cheapest source of many real events: notes to runs that wait at a gate. Each is stored and shown as every event is, and
// neither a model nor a command is needed for it.

import { SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import type { Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'

/** A run that waits at its first gate. */
export async function startWaitingRun(stage: Stage): Promise<string> {
  const cwd = await stage.project(SHELL_PROJECT, [turn([text('I have looked at it.')])])
  const { run_id } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  await untilWaiting(stage, run_id)
  return run_id
}

/** Patient: the machine may be busy with other things. */
export const untilWaiting = (stage: Stage, runId: string) =>
  waitFor(`run ${runId} waits`, async () => (await stage.client.run(runId)).status === 'waiting', {
    limitMs: 120_000,
    everyMs: 50,
  })

interface NoteOptions {
  /** Asked before each note. */
  isEnough(sent: number): boolean
  /** How many requests are on their way at once. */
  inFlight: number
  /** Length of each note. */
  bytes: number
}

/** Resolves with how many were acknowledged. */
export async function sendNotes(
  stage: Stage,
  runIds: string[],
  { isEnough, inFlight, bytes }: NoteOptions,
): Promise<number> {
  const body = JSON.stringify({ text: 'n'.repeat(bytes) })
  let sent = 0
  const writer = async () => {
    while (!isEnough(sent)) {
      const runId = runIds[sent++ % runIds.length]
      const answer = await fetch(`${stage.server.url}/api/runs/${runId}/note`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`a note was answered ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, writer))
  return sent
}
