// What model calls cost since a time: the runs that moved since, and of each its calls.
import type { RunEvent } from '#lib/contract/event'
import type { Store } from './types.ts'

const PAGE = 500

export async function* pastUsage(
  store: Pick<Store, 'listRuns' | 'readEvents'>,
  since: number,
): AsyncGenerator<RunEvent[]> {
  let after: { value: number | null; id: string } | undefined
  for (;;) {
    const runs = await store.listRuns({ sort: '-updated', limit: 100, ...(after && { after }) })
    for (const run of runs) {
      if (run.updatedAt < since) return
      yield* usageOf(store, run.id)
    }
    const last = runs.at(-1)
    if (!last || runs.length < 100) return
    after = { value: last.updatedAt, id: last.id }
  }
}

async function* usageOf(store: Pick<Store, 'readEvents'>, runId: string): AsyncGenerator<RunEvent[]> {
  let after = 0
  for (;;) {
    const events = await store.readEvents(runId, { after, kinds: ['llm_usage'], limit: PAGE })
    if (events.length > 0) yield events
    const last = events.at(-1)
    if (!last || events.length < PAGE) return
    after = last.seq
  }
}
