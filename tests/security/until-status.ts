// Waits for a run without asking again and again: a hostile one takes its time, and what looks on is to leave it the processor.
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal, type Run, type RunStatus } from '#lib/contract/runs'
import type { Api } from '#lib/testing/api'

const LIMIT_MS = 180_000
const LOOK_EVERY_MS = 200

/** Resolves once the run has one of these statuses, or has ended. */
export async function untilStatus(client: Api, runId: string, ...statuses: RunStatus[]): Promise<Run> {
  const deadline = performance.now() + LIMIT_MS
  for (let run = await client.run(runId); ; ) {
    if (statuses.includes(run.status) || isFinal(run.status)) return run
    if (performance.now() > deadline) throw new Error(`run ${runId} is still ${run.status}`)
    await sleep(LOOK_EVERY_MS)
    run = await client.run(runId)
  }
}
