// Server-sent events over a real journal: the promises of the WebSocket, kept with HTTP alone.
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { problemResponse } from '#lib/api/problem'
import type { NewEvent } from '#lib/contract/event'
import { createJournal } from '#lib/events/journal'
import { LIMITS } from '#lib/limits'
import { followSse, type SseFollower } from '#lib/testing/follow-sse'
import { checkEvent, endEvent, logEvent, startEvent } from '#lib/testing/records'
import { openTempStore } from '#lib/testing/temp-store'
import { waitFor } from '#lib/testing/wait-for'
import { createEventStreams, type EventStreamOptions } from './event-stream.ts'

async function open(options: Partial<EventStreamOptions> = {}) {
  const store = await openTempStore()
  const journal = createJournal({ store })
  const logged: string[] = []
  const streams = createEventStreams({
    journal,
    isStopping: () => false,
    log: (_level, message) => logged.push(message),
    ...options,
  })
  const server = createServer((request, response) => {
    if (!streams.wants(request)) return void response.writeHead(406).end()
    streams.serve(request, response).catch(async error => {
      const problem = problemResponse(error)
      response.writeHead(problem.status, Object.fromEntries(problem.headers)).end(await problem.text())
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  const { id } = await store.newRun()
  const append = (...events: NewEvent[]) => journal.append(id, events)
  return { journal, streams, logged, url, id, append, store }
}

const seqsOf = ({ events }: SseFollower) => events.map(({ seq }) => seq)
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
const logs = (count: number) => upTo(count).map(number => logEvent(`line ${number}`))

test('whoever connects gets the whole history, then what comes, and the end', async () => {
  const { append, url, id, streams } = await open()
  await append(startEvent(), ...logs(300))
  const follower = await followSse(url, id)
  expect(follower.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
  })
  await waitFor('the history came', () => follower.events.length === 301)
  for (const event of logs(20)) await append(event)
  await append(endEvent())
  await follower.ended
  expect(seqsOf(follower)).toEqual(upTo(322))
  expect(follower.events.at(-1)?.kind).toBe('run_end')
  await waitFor('nobody is counted', () => streams.count() === 0)
})

test('a connection that breaks again and again goes on with Last-Event-ID, without gap or duplicate', async () => {
  const { append, url, id } = await open()
  await append(startEvent())
  const writing = (async () => {
    for (const event of logs(80)) await append(event, logEvent('and one more'))
    await append(endEvent())
  })()
  const seen: number[] = []
  for (;;) {
    const headers: Record<string, string> = seen.length === 0 ? {} : { 'last-event-id': String(seen.at(-1)) }
    // A browser repeats the address it was given: the header must win.
    const follower = await followSse(url, id, { query: '?after=0', headers })
    if (follower.status === 204) break
    const enough = 1 + Math.floor(Math.random() * 30)
    await waitFor('some came', () => follower.events.length >= enough || seen.length + enough > 162)
    follower.close()
    await follower.ended
    seen.push(...seqsOf(follower))
  }
  await writing
  expect(seen).toEqual(upTo(162))
})

test('an ended run of which everything is known is answered 204, so that no browser comes back for ever', async () => {
  const { append, url, id } = await open()
  await append(startEvent(), endEvent())
  expect((await followSse(url, id, { headers: { 'last-event-id': '2' } })).status).toBe(204)
  expect((await followSse(url, id, { query: '?after=2' })).status).toBe(204)
  const late = await followSse(url, id, { query: '?after=1' })
  await late.ended
  expect(seqsOf(late)).toEqual([2])
})

test('only the kinds and the iteration that were asked for come, with the ids they have', async () => {
  const { append, url, id } = await open()
  await append(startEvent(), checkEvent({}, 0), logEvent('x'), checkEvent({}, 1), endEvent())
  const checks = await followSse(url, id, { query: '?kind=goal_check,run_end' })
  await checks.ended
  expect(seqsOf(checks)).toEqual([2, 4, 5])
  const first = await followSse(url, id, { query: '?iteration=1&kind=goal_check' })
  await first.ended
  expect(seqsOf(first)).toEqual([4])
})

test('text and output as they come are for those who ask, and have no id', async () => {
  const { append, url, id, journal } = await open()
  await append(startEvent())
  const [asked, plain] = [await followSse(url, id, { query: '?deltas=1' }), await followSse(url, id)]
  await waitFor('both follow', () => asked.events.length + plain.events.length === 2)
  journal.publish(id, { kind: 'text_delta', iteration: 1, payload: { text: 'hello' } })
  await append(endEvent())
  await Promise.all([asked.ended, plain.ended])
  expect(asked.ephemeral).toMatchObject([{ kind: 'text_delta', payload: { text: 'hello' } }])
  expect(plain.ephemeral).toEqual([])
  expect(asked.events).toEqual(plain.events)
})

test('a heartbeat comes while a run is silent', async () => {
  const { append, url, id } = await open({ pingMs: 20 })
  await append(startEvent())
  const follower = await followSse(url, id)
  await waitFor('it is heard', () => follower.comments.length >= 3)
  expect(follower.comments[0]).toBe('ping')
  follower.close()
})

test.each([
  ['?after=-1', {}, 400],
  ['?after=1&after=2', {}, 400],
  ['?limit=5', {}, 400],
  ['?kind=goal_chek', {}, 400],
  ['', { 'last-event-id': 'abc' }, 400],
  ['?after=99', {}, 409],
])('%s %j is refused with %i before anything is sent', async (query, headers, status) => {
  const { append, url, id } = await open()
  await append(startEvent())
  const follower = await followSse(url, id, { query, headers })
  await follower.ended
  expect(follower.status).toBe(status)
  expect(JSON.parse(follower.body)).toMatchObject({ status })
})

test('an unknown run is 404; a server that stops, 503 with the time to wait', async () => {
  const { url } = await open()
  expect((await followSse(url, 'nobody')).status).toBe(404)
  const stopping = await open({ isStopping: () => true })
  const refused = await followSse(stopping.url, stopping.id)
  expect(refused.status).toBe(503)
  expect(refused.headers['retry-after']).toBe('5')
})

test('there is a limit of streams, and one that ends makes room', async () => {
  const { append, url, id, streams } = await open()
  await append(startEvent())
  const all = await Promise.all(Array.from({ length: LIMITS.eventStreams }, () => followSse(url, id)))
  expect(streams.count()).toBe(LIMITS.eventStreams)
  expect((await followSse(url, id)).status).toBe(503)
  all[0]?.close()
  await waitFor('there is room', () => streams.count() < LIMITS.eventStreams)
  const next = await followSse(url, id)
  expect(next.status).toBe(200)
  for (const follower of [...all, next]) follower.close()
})

test('a client that does not read is dropped, others get everything, and it has it all after it comes back', async () => {
  const { append, url, id, logged } = await open({ stalledMs: 200 })
  await append(startEvent())
  const slow = await followSse(url, id)
  slow.pause()
  const quick = await followSse(url, id)
  // More than the buffers of the system and ours hold.
  const large = Array.from({ length: 10 }, () => logEvent('x'.repeat(100_000)))
  for (let at = 0; at < 15; at++) await append(...large)
  await append(endEvent())
  await quick.ended
  expect(seqsOf(quick)).toEqual(upTo(152))
  await waitFor('the slow one is given up', () => logged.includes('a slow event stream was dropped'))
  slow.resume()
  await slow.ended
  const seen = slow.events.length
  expect(seqsOf(slow)).toEqual(upTo(seen))
  expect(seen).toBeLessThan(152)
  const back = await followSse(url, id, { headers: { 'last-event-id': String(seen) } })
  await back.ended
  expect([...seqsOf(slow), ...seqsOf(back)]).toEqual(upTo(152))
})

test('at the end of the server every stream ends, and can be resumed', async () => {
  const { append, url, id, streams } = await open()
  await append(startEvent(), ...logs(3))
  const follower = await followSse(url, id)
  await waitFor('the history came', () => follower.events.length === 4)
  streams.close()
  await follower.ended
  expect(streams.count()).toBe(0)
})
