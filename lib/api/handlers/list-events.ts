import { listEvents } from '#lib/contract/run-history'
import { AppError } from '#lib/errors'
import { EVENT_PAGE, ndjsonLine, pagesAfter, streamOfEvents } from '../event-pages.ts'
import { handler, respond } from '../route.ts'

export const handleListEvents = handler(listEvents, async ({ params, query, runtime, request, headers }) => {
  if (query.deltas === '1')
    throw new AppError('bad_query', 'deltas is for streams: ask with Accept: text/event-stream')
  const accept = request.headers.get('accept') ?? ''
  if (!accept.includes('application/x-ndjson'))
    // Checked when they were stored: a second look would double the time, and refuse a kind that a newer version wrote.
    return respond(request, listEvents, await runtime.runs.events(params.run_id, query), headers)
  const { runs } = runtime
  const asked = { ...query, after: lastEventId(request) ?? query.after }
  // Who names no limit wants the whole: an export that stops at some number is none.
  const isWhole = !new URL(request.url).searchParams.has('limit') && asked.before === undefined
  const first = await runs.events(params.run_id, isWhole ? { ...asked, limit: EVENT_PAGE } : asked)
  const pages = isWhole ? pagesAfter(first, params.run_id, asked, runs) : [first]
  return streamOfEvents(pages, ndjsonLine, 'application/x-ndjson')
})

function lastEventId(request: Request): number | undefined {
  const given = request.headers.get('last-event-id')
  if (given === null) return undefined
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new AppError('bad_query', 'Last-Event-ID must be the id of an event, a whole number')
}
