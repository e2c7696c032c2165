// Server-sent events: the twin of the raw WebSocket for whoever has only HTTP. `Accept: text/event-stream` on a run's events.
// A thin reader of journal.follow: the same events, the same order, no gap; `id` is the seq, so a browser resumes by itself.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseInput, readQuery } from '#lib/api/read-input'
import { type EphemeralEvent, PAYLOADS, type RunEvent } from '#lib/contract/event'
import { FollowEventsQuery } from '#lib/contract/run-history'
import { AppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import { LIMITS } from '#lib/limits'
import { createPeerCount } from './peer-count.ts'
import { drained, ENOUGH_BUFFERED, PAUSE_AT, STALLED_MS } from './slow-reader.ts'

const PATH = /^\/api\/runs\/([^/]+)\/events$/
/** How long a dropped client may take to read what it was sent before. */
const SLOW_GRACE_MS = 10_000
/** What a browser waits before it connects again. */
const RETRY_MS = 1000

export interface EventStreams {
  /** Whether a request wants events as they come. */
  wants(request: IncomingMessage): boolean
  /** Answers it, for as long as the run goes on. Rejects with AppError before anything was sent. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
  count(): number
  /** Ends all of them; the clients come back with Last-Event-ID. */
  close(): void
}

export interface EventStreamOptions {
  journal: Journal
  /** Nobody is taken any more; those who follow already see the end of what runs. */
  isStopping(): boolean
  log(level: 'warn', message: string, data: Record<string, unknown>): void
  pingMs?: number
  stalledMs?: number
}

export function createEventStreams(options: EventStreamOptions): EventStreams {
  const { journal, isStopping, log, pingMs = LIMITS.pingMs, stalledMs = STALLED_MS } = options
  const frames = new WeakMap<RunEvent, string>()
  const open = new Set<AbortController>()
  const peers = createPeerCount()

  /** Events are shared between clients, so each is written as text once. */
  function frameOf(event: RunEvent): string {
    let frame = frames.get(event)
    if (frame === undefined) {
      frame = `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`
      frames.set(event, frame)
    }
    return frame
  }

  function take(request: IncomingMessage, response: ServerResponse) {
    const headers = { 'Retry-After': '5' }
    if (isStopping())
      throw new AppError('stopping', 'The server is stopping; connect again with Last-Event-ID', { headers })
    if (open.size >= LIMITS.eventStreams)
      throw new AppError('not_ready', `${open.size} event streams are open; try again later`, { headers })
    if (!peers.take(request, response))
      throw new AppError('too_many_requests', 'This machine has enough live connections', { headers })
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const runId = decodeURIComponent(PATH.exec(url.pathname)?.[1] ?? '')
    const { after, isWanted, hasDeltas } = readRequest(request, url)
    const record = await journal.record(runId)
    if (after > record.lastSeq) {
      throw new AppError('conflict', `after=${after} is ahead of the run, which is at ${record.lastSeq}`)
    }
    if (record.endedAt !== null && after === record.lastSeq) {
      // The one answer that keeps a browser's EventSource from coming back for ever.
      response.writeHead(204, { 'cache-control': 'no-store' }).end()
      return
    }
    take(request, response)
    const gone = new AbortController()
    open.add(gone)
    response.once('close', () => gone.abort())
    response.on('error', () => gone.abort())
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no', // a proxy that collects first would make it no stream
    })
    response.write(`retry: ${RETRY_MS}\n\n`)
    // Also what tells us that a client is gone that never said so.
    const heartbeat = setInterval(() => response.write(': ping\n\n'), pingMs)
    let stopEphemeral = () => {}
    try {
      if (hasDeltas) {
        stopEphemeral = await journal.onEphemeral(runId, event => {
          if (response.writableLength < ENOUGH_BUFFERED) response.write(ephemeralFrame(event))
        })
      }
      for await (const events of journal.follow(runId, { after, signal: gone.signal })) {
        for (const event of events) {
          if (gone.signal.aborted) return
          if (!isWanted(event)) continue
          response.write(frameOf(event))
          if (response.writableLength <= PAUSE_AT) continue
          if (!(await drained(() => response.writableLength, gone.signal, stalledMs))) {
            if (gone.signal.aborted) return
            log('warn', 'a slow event stream was dropped', { run_id: runId, seq: event.seq })
            return
          }
        }
      }
    } catch (error) {
      log('warn', 'an event stream failed', { run_id: runId, error: messageOf(error) })
    } finally {
      stopEphemeral()
      clearInterval(heartbeat)
      open.delete(gone)
      response.end()
      // Who does not read does not see the end either.
      setTimeout(() => response.destroy(), SLOW_GRACE_MS).unref()
    }
  }

  return {
    wants: request =>
      request.method === 'GET' &&
      PATH.test((request.url ?? '').split('?')[0] ?? '') &&
      /\btext\/event-stream\b/i.test(request.headers.accept ?? ''),
    serve,
    count: () => open.size,
    close() {
      for (const gone of open) gone.abort()
    },
  }
}

const ephemeralFrame = (event: EphemeralEvent) => `data: ${JSON.stringify(event)}\n\n`

/** Throws AppError('bad_query'). A Last-Event-ID is newer than the address it comes with. */
function readRequest(request: IncomingMessage, url: URL) {
  const { after = 0, kind, iteration, deltas } = parseInput(FollowEventsQuery, readQuery(url), 'bad_query')
  const last = request.headers['last-event-id']
  if (last !== undefined && !/^\d{1,15}$/.test(String(last)))
    throw new AppError('bad_query', 'Last-Event-ID must be the id of an event, a whole number')
  const kinds = kind?.split(',').map(name => name.trim())
  const unknown = kinds?.find(name => !Object.hasOwn(PAYLOADS, name))
  if (unknown !== undefined)
    throw new AppError('bad_query', `kind: ${unknown.slice(0, 100)} is no kind of event`)
  return {
    after: last === undefined ? after : Number(last),
    hasDeltas: deltas === '1',
    isWanted: (event: RunEvent) =>
      (kinds === undefined || kinds.includes(event.kind)) &&
      (iteration === undefined || event.iteration === iteration),
  }
}
