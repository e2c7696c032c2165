// The limits of the ways in, on a real server: what is just allowed passes, what is one more does not.
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io } from 'socket.io-client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { LIVE_PATH } from '#lib/contract/live'
import type { Journal } from '#lib/events/types'
import { LIMITS } from '#lib/limits'
import type { Runs } from '#lib/runs/types'
import type { Runtime } from '#lib/runtime'
import { createGuard } from './guard.ts'
import { createHttp } from './http.ts'
import { createRates } from './rates.ts'
import { createSocketIo } from './socket-io.ts'
import { createWebSockets } from './websocket.ts'

const RUN = '00000000-0000-4000-8000-000000000000'
const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end()
})

/** The server around runs that stay quiet for ever; what comes through the guard is counted. */
async function serve() {
  const reached = { pages: 0, sockets: 0, live: 0 }
  const never = (_id: string, { signal }: { signal: AbortSignal }) => ({
    async *[Symbol.asyncIterator]() {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
    },
  })
  // Only what the sockets use of them.
  const journal = {
    record: async () => ({ lastSeq: 0, status: 'running' }),
    onEphemeral: async () => () => {},
    follow: never,
  } as unknown as Journal
  const runs = { onChange: () => () => {} } as unknown as Runs
  const runtime = { redact: (value: unknown) => value, log: () => {}, version: '0' } as unknown as Runtime
  const log = () => {}
  const guard = createGuard({
    host: '127.0.0.1',
    port: () => port,
    allowedHosts: [],
    token: null,
    hasSession: () => false,
    rates: createRates(),
  })
  const webSockets = createWebSockets({ journal, isStopping: () => false, log })
  const http = createHttp({
    guard,
    runtime,
    webSockets: {
      ...webSockets,
      upgrade(...given) {
        reached.sockets++
        return webSockets.upgrade(...given)
      },
    },
    eventStreams: { wants: () => false, serve: async () => {}, count: () => 0, close() {} },
    metrics: { contentType: 'text/plain', http() {}, text: async () => '' },
    sessions: { newCode: () => '', exchange: () => null, isValid: () => false },
    scopes: { run: (_fail: unknown, work: () => unknown) => work() } as never, // the requests here do not throw
    isProduction: true,
    hasToken: false,
    next: () => ({
      async handle(_request, response) {
        reached.pages++
        response.end('page')
      },
      upgrade: async (_request, socket) => void socket.destroy(),
    }),
  })
  const live = createSocketIo({
    http,
    journal,
    runs,
    version: '0',
    epoch: 'e',
    spend: () => ({ usd: 0, since: '', unpriced_calls: 0 }),
    check(request) {
      guard.check(request, 'upgrade')
      reached.live++
    },
    log,
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  ended.push(async () => {
    webSockets.close()
    http.closeAllConnections()
    await live.close()
  })
  return { port, reached, webSockets, live, url: `ws://127.0.0.1:${port}/api/ws/${RUN}` }
}

function open(url: string, options: WebSocket.ClientOptions = {}): Promise<WebSocket | number> {
  return new Promise(resolve => {
    const socket = new WebSocket(url, options)
    ended.push(() => socket.terminate())
    socket.once('open', () => resolve(socket))
    socket.on('error', () => resolve(0))
    socket.once('unexpected-response', (asked, response) => {
      asked.destroy()
      resolve(response.statusCode ?? 0)
    })
  })
}

async function opened(url: string, options?: WebSocket.ClientOptions): Promise<WebSocket> {
  const socket = await open(url, options)
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`)
  return socket
}

const closeOf = (socket: WebSocket) => new Promise<number>(resolve => socket.once('close', resolve))
/** A pong comes after what was sent before, if that was taken. */
const pongOf = (socket: WebSocket) =>
  new Promise<string>(resolve => {
    socket.once('pong', () => resolve('taken'))
    socket.once('close', code => resolve(String(code)))
    socket.ping()
  })

function get(port: number, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, headers, agent: false }, response => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
    asked.once('error', reject)
    asked.end()
  })
}

describe('HTTP', () => {
  test('an address has its length', async () => {
    const { port, reached } = await serve()
    expect(await get(port, `/${'a'.repeat(LIMITS.urlLength - 1)}`)).toBe(200)
    expect(await get(port, `/${'a'.repeat(LIMITS.urlLength)}`)).toBe(400)
    expect(reached.pages).toBe(1)
  })

  test('a head has its length', async () => {
    const { port } = await serve()
    expect(await get(port, '/', { 'x-long': 'a'.repeat(LIMITS.headerBytes / 2) })).toBe(200)
    expect(await get(port, '/', { 'x-long': 'a'.repeat(LIMITS.headerBytes) })).toBe(431)
  })
})

describe('WebSocket', () => {
  test('a frame has its size', async () => {
    const { url } = await serve()
    const socket = await opened(url)
    socket.send(Buffer.alloc(LIMITS.frameBytes))
    expect(await pongOf(socket)).toBe('taken')
    socket.send(Buffer.alloc(LIMITS.frameBytes + 1))
    expect(await closeOf(socket)).toBe(1009)
  })

  test('a message comes in so many pieces at most', async () => {
    const { url } = await serve()
    const send = (socket: WebSocket, pieces: number) => {
      for (let at = 1; at <= pieces; at++) socket.send('x', { fin: at === pieces })
    }
    const socket = await opened(url)
    send(socket, LIMITS.fragments)
    expect(await pongOf(socket)).toBe('taken')
    send(socket, LIMITS.fragments + 1)
    expect(await closeOf(socket)).toBe(1008)
  })

  test('compression is not agreed on', async () => {
    const { url } = await serve()
    expect((await opened(url, { perMessageDeflate: true })).extensions).toBe('')
  })

  test('there are so many at once', async () => {
    const { url, webSockets } = await serve()
    await Promise.all(Array.from({ length: LIMITS.webSockets }, () => opened(url)))
    expect(webSockets.count()).toBe(LIMITS.webSockets)
    expect(await open(url)).toBe(503)
  })

  test('who does not answer so many pings is let go, who does stays', async () => {
    const timers: { call: () => void; ms: number | undefined }[] = []
    const set = vi.spyOn(globalThis, 'setInterval').mockImplementation(((call: () => void, ms?: number) => {
      timers.push({ call, ms })
      return { unref() {} }
    }) as typeof setInterval) // the timer is only unref'd
    const { url, webSockets } = await serve()
    set.mockRestore()
    const heartbeat = timers.find(({ ms }) => ms === LIMITS.pingMs)
    if (!heartbeat) throw new Error('there is no heartbeat')
    const silent = await opened(url, { autoPong: false })
    const alive = await opened(url)
    const gone = closeOf(silent)
    for (let beat = 0; beat < LIMITS.missedPings; beat++) {
      const asked = new Promise(resolve => alive.once('ping', resolve))
      heartbeat.call()
      await asked
      await pongOf(alive) // whose pong is behind the answer to the server's ping
    }
    expect(webSockets.count()).toBe(2)
    heartbeat.call()
    expect(await gone).toBe(1006)
    expect(alive.readyState).toBe(WebSocket.OPEN)
  })
})

describe('socket.io', () => {
  const connect = (port: number) =>
    new Promise<string>(resolve => {
      const socket = io(`http://127.0.0.1:${port}`, {
        path: LIVE_PATH,
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
      })
      ended.push(() => socket.disconnect())
      socket.once('hello', () => resolve('in'))
      socket.once('connect_error', () => resolve('refused'))
    })

  test('there are so many at once', async () => {
    const { port, live } = await serve()
    const answers = await Promise.all(Array.from({ length: LIMITS.liveSockets }, () => connect(port)))
    expect(new Set(answers)).toEqual(new Set(['in']))
    expect(live.count()).toBe(LIMITS.liveSockets)
    expect(await connect(port)).toBe('refused')
  })

  test('a message has its size', async () => {
    const { port } = await serve()
    const socket = await opened(`ws://127.0.0.1:${port}${LIVE_PATH}/?EIO=4&transport=websocket`)
    socket.send(`42["x","${'a'.repeat(LIMITS.frameBytes)}"]`)
    expect(await closeOf(socket)).toBe(1009)
  })
})

test('an upgrade that nobody takes is closed', async () => {
  const { port } = await serve()
  for (const path of [
    LIVE_PATH,
    `${LIVE_PATH}x`,
    `${LIVE_PATH}x/y`,
    '/api/ws',
    '/api/ws/a/b',
    '/',
    '/_next/hmr',
  ])
    expect(await open(`ws://127.0.0.1:${port}${path}`), path).toBe(0)
})

test('what the guard refuses reaches nothing behind it: no page, no socket', async () => {
  const { port, reached } = await serve()
  for (const host of ['evil.test', `evil.test:${port}`, `0.0.0.0:${port}`, `localhost.:${port}`]) {
    expect(await get(port, '/api/runs', { host })).toBe(421)
    expect(await get(port, '/runs', { host })).toBe(421)
    expect(await get(port, `${LIVE_PATH}/?EIO=4&transport=polling`, { host })).toBe(403)
    expect(await open(`ws://127.0.0.1:${port}/api/ws/${RUN}`, { headers: { host } })).toBe(421)
    const live = `ws://127.0.0.1:${port}${LIVE_PATH}/?EIO=4&transport=websocket`
    expect(await open(live, { headers: { host } })).toBe(400)
  }
  expect(reached).toEqual({ pages: 0, sockets: 0, live: 0 })
})
