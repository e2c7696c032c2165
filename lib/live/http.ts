// The HTTP server around Next: the guard first, what must answer in any case by hand, the rest to Next.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { matchEndpoint } from '#lib/api/match-endpoint'
import { toProblem } from '#lib/api/problem'
import { LIVE_PATH } from '#lib/contract/live'
import { AppError, isAppError, messageOf } from '#lib/errors'
import type { FaultScopes } from '#lib/fault-scopes'
import { LIMITS } from '#lib/limits'
import type { Metrics } from '#lib/metrics/metrics'
import type { Runtime } from '#lib/runtime'
import { contentPolicy } from './content-policy.ts'
import type { EventStreams } from './event-stream.ts'
import { type Guard, pathOf } from './guard.ts'
import { answerLogin, needsLogin } from './login.ts'
import type { Sessions } from './sessions.ts'
import { createSilentConnections } from './silent-connections.ts'
import type { WebSockets } from './websocket.ts'

const DISCARD_WITHIN_MS = 1000

type NextHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>
type NextUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>

export interface HttpOptions {
  guard: Guard
  sessions: Sessions
  runtime: Runtime
  webSockets: WebSockets
  eventStreams: EventStreams
  metrics: Pick<Metrics, 'contentType' | 'http' | 'text'>
  scopes: FaultScopes
  isProduction: boolean
  hasToken: boolean
  /** Known once Next is prepared; until then pages answer 503. */
  next(): { handle: NextHandler; upgrade: NextUpgrade } | null
}

export function createHttp(options: HttpOptions) {
  const { guard, runtime, webSockets, eventStreams, scopes, isProduction } = options
  const server = createServer({
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: LIMITS.headersTimeoutMs,
    requestTimeout: LIMITS.requestTimeoutMs,
    keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
    // Node looks every half minute otherwise, however short the others are.
    connectionsCheckingInterval: LIMITS.connectionsCheckMs,
  })
  server.maxConnections = LIMITS.maxConnections
  const silent = createSilentConnections({ most: LIMITS.silentConnections })
  server.on('connection', socket => silent.opened(socket))

  server.on('request', (request, response) => {
    silent.heard(request.socket)
    const fail = (error: unknown) => {
      runtime.log('error', 'a request failed', { path: pathOf(request), error: messageOf(error) })
      if (response.headersSent) response.destroy()
      else void problem(request, response, error)
    }
    measure(request, response)
    scopes.run(fail, () => handle(request, response).catch(fail))
  })

  const problem = (request: IncomingMessage, response: ServerResponse, error: unknown) =>
    answerProblem(request, response, error, runtime.redact)

  /** A stream is as long as somebody looks at it, which says nothing of the server. */
  function measure(request: IncomingMessage, response: ServerResponse) {
    const began = performance.now()
    response.once('close', () => {
      if (String(response.getHeader('content-type')).startsWith('text/event-stream')) return
      const seconds = (performance.now() - began) / 1000
      options.metrics.http(routeOf(request), response.statusCode, seconds)
    })
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = secure(request, response)
    try {
      guard.check(request, 'request')
    } catch (error) {
      const isPage = isAppError(error) && error.code === 'unauthorized' && needsLogin(request)
      if (isPage) return void response.writeHead(302, { location: '/login' }).end()
      return problem(request, response, error)
    }
    switch (pathOf(request)) {
      case '/healthz':
        return json(response, 200, { status: 'ok', version: runtime.version })
      case '/readyz': {
        const readiness = await runtime.readiness()
        return json(response, readiness.ready ? 200 : 503, readiness)
      }
      case '/metrics': {
        const text = await options.metrics.text()
        response.writeHead(200, { 'content-type': options.metrics.contentType, 'cache-control': 'no-store' })
        return void response.end(text)
      }
      case '/login':
      case '/login.js':
      case '/api/session':
        if (options.hasToken) return answerLogin(request, response, { sessions: options.sessions, nonce })
    }
    const path = pathOf(request)
    if (request.method === 'OPTIONS') return void response.writeHead(204).end() // never with a CORS header
    if (path.startsWith('/api/')) {
      try {
        matchEndpoint(request.method ?? '', path)
        if (eventStreams.wants(request)) return await eventStreams.serve(request, response)
      } catch (error) {
        return problem(request, response, error)
      }
    }
    const next = options.next()
    if (!next) {
      const headers = { 'retry-after': '1' }
      throw new AppError('not_ready', 'The server is starting; try again in a moment', { headers })
    }
    await next.handle(request, response)
  }

  /** Everything a run prints is hostile: nothing inline, nothing from elsewhere, no framing. */
  function secure(request: IncomingMessage, response: ServerResponse) {
    const nonce = randomBytes(16).toString('base64')
    const policy = contentPolicy(nonce, isProduction)
    // Next reads the nonce for its own scripts from here; no client may choose it.
    request.headers['content-security-policy'] = policy
    delete request.headers['content-security-policy-report-only']
    response.setHeader('content-security-policy', policy)
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    return nonce
  }

  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy())
    silent.heard(socket)
    const path = pathOf(request)
    // socket.io's own listener asks the guard. It takes what is below its path, and leaves everything else open for ever.
    if (path.startsWith(`${LIVE_PATH}/`)) return
    try {
      guard.check(request, 'upgrade')
    } catch (error) {
      return refuseUpgrade(socket, error)
    }
    if (webSockets.upgrade(request, socket, head)) return
    const next = options.next()
    if (!isProduction && next && path.startsWith('/_next/')) {
      void next.upgrade(request, socket, head).catch(() => socket.destroy())
      return
    }
    socket.destroy()
  })

  return server
}

/** An address as a label: one for each endpoint, and one for all pages. */
function routeOf(request: IncomingMessage): string {
  const path = pathOf(request)
  try {
    const endpoint = matchEndpoint(request.method ?? '', path)
    return `${endpoint.method} ${endpoint.path}`
  } catch {
    if (path.startsWith('/_next/')) return 'static'
    return path.startsWith('/api/') ? 'unknown' : 'page'
  }
}

function refuseUpgrade(socket: Duplex, error: unknown) {
  const { status, title, detail } = toProblem(error)
  const body = JSON.stringify({ error: detail })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function json(response: ServerResponse, status: number, value: unknown) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

async function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  redact: Runtime['redact'],
) {
  const value = toProblem(error, undefined, redact)
  const headers = isAppError(error) ? error.headers : undefined
  await discardBody(request)
  response.writeHead(value.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    // What may be left of a refused body is not read.
    connection: 'close',
    ...headers,
  })
  response.end(JSON.stringify(value))
}

/**
 * Reads what is left of a refused body, as far as it is small and comes soon: a connection that is closed over bytes nobody
 * read is reset, and the client may lose the answer with it.
 */
function discardBody(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    let left: number = LIMITS.bodyBytes
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, DISCARD_WITHIN_MS)
    request.once('end', done).once('close', done)
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) {
        request.pause()
        done()
      }
    })
  })
}
