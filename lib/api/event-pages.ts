// A whole journal as one answer, read page by page as fast as it is taken.
import type { RunEvent } from '#lib/contract/event'
import type { ListEventsQuery } from '#lib/contract/run-history'
import type { Runtime } from '#lib/runtime'

export const EVENT_PAGE = 1000

/** Up to where the run is now. `first`: the page that was read to know that there is such a run. */
export async function* pagesAfter(
  first: RunEvent[],
  runId: string,
  query: ListEventsQuery,
  runs: Runtime['runs'],
): AsyncGenerator<RunEvent[]> {
  const { last_seq } = await runs.get(runId)
  let page = first
  while (page.length > 0) {
    yield page.filter(event => event.seq <= last_seq)
    const { seq } = page.at(-1)! // it is not empty
    if (page.length < EVENT_PAGE || seq >= last_seq) return
    page = await runs.events(runId, { ...query, after: seq, limit: EVENT_PAGE })
  }
}

/** One text per event. Ends with the last page, or an empty one. */
export function streamOfEvents(
  pages: AsyncIterable<RunEvent[]> | Iterable<RunEvent[]>,
  textOf: (event: RunEvent) => string,
  contentType: string,
): Response {
  const iterator = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) return controller.close()
      if (value.length > 0) controller.enqueue(encoder.encode(value.map(textOf).join('')))
      else controller.close()
    },
    async cancel() {
      await iterator.return?.()
    },
  })
  return new Response(body, { headers: { 'content-type': contentType, 'cache-control': 'no-cache' } })
}

export const ndjsonLine = (event: RunEvent): string => `${JSON.stringify(event)}\n`
