import type { RunEvent } from '#lib/contract/event'
import { type ListEventsQuery, listEvents } from '#lib/contract/run-history'
import { AppError } from '#lib/errors'
import type { Runtime } from '#lib/runtime'
import { handler } from '../route.ts'

const PAGE = 1000

export const handleListEvents = handler(listEvents, async ({ params, query, runtime, request }) => {
  if (query.deltas === '1')
    throw new AppError('bad_query', 'deltas is for streams: ask with Accept: text/event-stream')
  const accept = request.headers.get('accept') ?? ''
  if (!accept.includes('application/x-ndjson')) return runtime.runs.events(params.run_id, query)
  const { runs } = runtime
  const asked = { ...query, after: lastEventId(request) ?? query.after }
  // Who names no limit wants the whole: an export that stops at some number is none.
  const isWhole = !new URL(request.url).searchParams.has('limit') && asked.before === undefined
  const first = await runs.events(params.run_id, isWhole ? { ...asked, limit: PAGE } : asked)
  return ndjson(isWhole ? pagesAfter(first, params.run_id, asked, runs) : [first])
})

function lastEventId(request: Request): number | undefined {
  const given = request.headers.get('last-event-id')
  if (given === null) return undefined
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new AppError('bad_query', 'Last-Event-ID must be the id of an event, a whole number')
}

/** Up to where the run is now, read as fast as it is taken. */
async function* pagesAfter(
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
    if (page.length < PAGE || seq >= last_seq) return
    page = await runs.events(runId, { ...query, after: seq, limit: PAGE })
  }
}

function ndjson(pages: AsyncIterable<RunEvent[]> | Iterable<RunEvent[]>): Response {
  const iterator = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]()
  const text = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) return controller.close()
      if (value.length > 0) controller.enqueue(text.encode(value.map(lineOf).join('')))
      else controller.close()
    },
    async cancel() {
      await iterator.return?.()
    },
  })
  return new Response(body, {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-cache' },
  })
}

const lineOf = (event: RunEvent) => `${JSON.stringify(event)}\n`
