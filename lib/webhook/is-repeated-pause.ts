// A run that holds tries again each minute, and holds again: that is said once, not each minute.
import type { EventOf } from '#lib/contract/event'
import type { Store } from '#lib/store/types'

/** Whether the run held for the same reason before, and nothing came of going on. */
export async function isRepeatedPause(
  event: EventOf<'paused'>,
  store: Pick<Store, 'readEvents'>,
): Promise<boolean> {
  const [before] = await store.readEvents(event.run_id, { kinds: ['paused'], before: event.seq, limit: 1 })
  if (before?.kind !== 'paused' || before.payload.reason !== event.payload.reason) return false
  const between = await store.readEvents(event.run_id, {
    kinds: ['model_response', 'tool_result', 'goal_check'],
    after: before.seq,
    limit: 1,
  })
  return between.length === 0 || between[0]!.seq > event.seq // of what came later the pause knows nothing
}
