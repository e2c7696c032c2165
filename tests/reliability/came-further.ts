// Runs that are at work when a server dies again and again, and get no further, are rightly blamed for it and given up. Whoever
// kills often lets them come further in between, however slow the machine is.
import { isProgress } from '#lib/runs/crash-loop'
import { waitFor } from '#lib/testing/wait-for'
import type { Campaign } from './campaign.ts'

/** Suspects are tried one after the other, each for up to six seconds. */
const WITHIN_MS = 90_000

/** Remembers how far the runs are, and waits until each that is at work has done something since, or the server is down. */
export function comeFurther(at: Campaign): () => Promise<void> {
  const before = new Map([...at.live].map(([runId, events]) => [runId, events.length]))
  return async () => {
    await waitFor('the runs come further', () => haveComeFurther(at, before), { limitMs: WITHIN_MS })
  }
}

async function haveComeFurther({ life, live, requests }: Campaign, before: Map<string, number>) {
  if (!life.isUp()) return true
  const reply = await requests.attempt('GET', '/api/runs?status=running&limit=200')
  if (reply?.status !== 200) return false
  const running = reply.json as unknown as { run_id: string }[]
  return running.every(({ run_id }) => {
    const then = before.get(run_id)
    return then === undefined || (live.get(run_id)?.slice(then).some(isProgress) ?? true)
  })
}
