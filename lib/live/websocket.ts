// The raw WebSocket of the public contract: /api/ws/{run_id}. A thin reader of journal.follow.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { RunEvent } from '#lib/contract/event'
import { isAppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import { LIMITS } from '#lib/limits'
import { createPeerCount } from './peer-count.ts'
import { drained, ENOUGH_BUFFERED, PAUSE_AT } from './slow-reader.ts'

const PATH = /^\/api\/ws\/([^/]+)$/
const CLOSE = {
  ended: 1000,
  stopping: 1012,
  slow: 1013,
  internal: 1011,
  unknownRun: 4404,
  badQuery: 4400,
  ahead: 4409,
}
/** How long a dropped client may take to read what it was sent before, and with it why it was dropped. */
const SLOW_GRACE_MS = 10_000

export interface WebSockets {
  /** False when the path is not ours. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  count(): number
  close(): void
}

export function createWebSockets({
  journal,
  isStopping,
  log,
}: {
  journal: Journal
  /** Nobody is taken any more; those who follow already see the end of what runs. */
  isStopping(): boolean
  log(level: 'warn', message: string, data: Record<string, unknown>): void
}): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
    maxFragments: LIMITS.fragments,
  })
  const frames = new WeakMap<RunEvent, Buffer>()
  const missed = new WeakMap<WebSocket, number>()
  const peers = createPeerCount()

  /** Events are shared between clients, so each is written as text once. */
  function frameOf(event: RunEvent): Buffer {
    let frame = frames.get(event)
    if (!frame) {
      frame = Buffer.from(JSON.stringify(event))
      frames.set(event, frame)
    }
    return frame
  }

  const heartbeat = setInterval(() => {
    for (const client of server.clients) {
      const count = missed.get(client) ?? 0
      if (count >= LIMITS.missedPings) client.terminate()
      else {
        missed.set(client, count + 1)
        client.ping()
      }
    }
  }, LIMITS.pingMs)
  heartbeat.unref()

  async function serve(client: WebSocket, runId: string, query: URLSearchParams) {
    const gone = new AbortController()
    client.on('close', () => gone.abort())
    client.on('error', () => client.terminate())
    client.on('pong', () => missed.set(client, 0))

    const after = Number(query.get('after') ?? '0')
    if (!Number.isSafeInteger(after) || after < 0) {
      return refuse(client, CLOSE.badQuery, 'after must be a whole number, 0 or more')
    }
    let stopEphemeral = () => {}
    try {
      const record = await journal.record(runId)
      if (after > record.lastSeq) {
        return refuse(
          client,
          CLOSE.ahead,
          `after=${after} is ahead of the run, which is at ${record.lastSeq}`,
        )
      }
      if (query.get('deltas') === '1') {
        stopEphemeral = await journal.onEphemeral(runId, event => {
          if (client.bufferedAmount < ENOUGH_BUFFERED) client.send(JSON.stringify(event), ignoreError)
        })
      }
      for await (const events of journal.follow(runId, { after, signal: gone.signal })) {
        for (const event of events) {
          if (gone.signal.aborted) return
          client.send(frameOf(event), { binary: false }, ignoreError)
          if (
            client.bufferedAmount > PAUSE_AT &&
            !(await drained(() => client.bufferedAmount, gone.signal))
          ) {
            log('warn', 'a slow WebSocket client was dropped', { run_id: runId, seq: event.seq })
            client.close(CLOSE.slow, 'too slow; connect again with after')
            setTimeout(() => client.terminate(), SLOW_GRACE_MS).unref()
            return
          }
        }
      }
      if (!gone.signal.aborted) client.close(CLOSE.ended, 'the run has ended')
    } catch (error) {
      if (isAppError(error) && error.code === 'run_not_found') {
        return refuse(client, CLOSE.unknownRun, `Run not found: ${runId}`)
      }
      log('warn', 'a WebSocket failed', { run_id: runId, error: messageOf(error) })
      client.close(CLOSE.internal, 'the server failed; connect again with after')
    } finally {
      stopEphemeral()
    }
  }

  return {
    upgrade(request, socket, head) {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const match = PATH.exec(url.pathname)
      if (!match) return false
      if (isStopping() || server.clients.size >= LIMITS.webSockets) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\r\n')
        return true
      }
      if (!peers.take(request, socket)) {
        socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nConnection: close\r\n\r\n')
        return true
      }
      server.handleUpgrade(request, socket, head, client => {
        void serve(client, decode(match[1]!), url.searchParams)
      })
      return true
    },
    count: () => server.clients.size,
    close() {
      clearInterval(heartbeat)
      for (const client of server.clients) client.close(CLOSE.stopping, 'the server is stopping')
      server.close()
    },
  }
}

/** The socket's own close event tells of failures. */
const ignoreError = () => {}

function refuse(client: WebSocket, code: number, error: string) {
  client.send(JSON.stringify({ error }), ignoreError)
  client.close(code, error.slice(0, 120))
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
