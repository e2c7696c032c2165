// What is stored of a run, page by page: a journal of a hundred thousand events is never in memory as a whole.
import type { RunEvent } from '#lib/contract/event'
import type { Journal } from '#lib/events/types'

/** Gives every event up to `lastSeq` to `take`, in order, each once. */
export async function foldHistory(
  journal: Pick<Journal, 'follow'>,
  { runId, lastSeq }: { runId: string; lastSeq: number },
  take: (event: RunEvent) => void,
): Promise<void> {
  if (lastSeq === 0) return
  for await (const events of journal.follow(runId)) {
    events.forEach(take)
    if (events.at(-1)!.seq >= lastSeq) return
  }
}
