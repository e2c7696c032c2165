import { listEvents } from '#lib/contract/run-history'
import { handler } from '../route.ts'

export const handleListEvents = handler(listEvents, async ({ params, query, runtime, request }) => {
  const events = await runtime.runs.events(params.run_id, query)
  const accept = request.headers.get('accept') ?? ''
  if (!accept.includes('application/x-ndjson')) return events
  return new Response(events.map(event => `${JSON.stringify(event)}\n`).join(''), {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-cache' },
  })
})
