// Runs that are at work when a server dies again and again, and get no further, are rightly blamed for it and given up. Whoever
// kills often lets them come further in between, however slow the machine is.
import type { RunEvent } from '#lib/contract/event'
import { isProgress, SUSPECT_AFTER } from '#lib/runs/crash-loop'
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
  const reply = await requests.attempt('GET', '/api/runs?status=running,queued&limit=200')
  if (reply?.status !== 200) return false
  const open = reply.json as unknown as { run_id: string; status: string }[]
  return open.every(({ run_id, status }) => {
    const events = live.get(run_id)
    const then = before.get(run_id)
    if (events === undefined || then === undefined) return true
    if (events.slice(then).some(isProgress)) return true
    // What waits for a slot has nothing to prove, unless it waits to be tried alone: its next death would be its last.
    return status === 'queued' && !isSuspect(events)
  })
}

function isSuspect(events: RunEvent[]): boolean {
  const last = events.findLast(event => event.kind === 'recovered' || isProgress(event))
  return last?.kind === 'recovered' && (last.payload.crashes ?? 0) >= SUSPECT_AFTER
}
