// Loopback is no authentication: what a web page, a rebound name or a stranger could send is refused on every way in.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { LIVE_PATH } from '#lib/contract/live'
import { SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { startRefused } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'

interface Sent {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request with exactly these headers: fetch would not let a test choose Host or Origin. */
function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const request = httpRequest(url, { method, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Tries to open a WebSocket: 101, or the status it was refused with. */
function tryWebSocket(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise(resolve => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', () => resolve(0))
  })
}

/** Connects with socket.io; resolves with what came of it. */
function tryLive(
  url: string,
  transport: 'polling' | 'websocket',
  headers: Record<string, string>,
): Promise<string> {
  return new Promise(resolve => {
    const socket = io(url, {
      path: LIVE_PATH,
      transports: [transport],
      extraHeaders: headers,
      reconnection: false,
      forceNew: true,
    })
    socket.on('hello', () => {
      socket.disconnect()
      resolve('connected')
    })
    socket.on('connect_error', () => {
      socket.disconnect()
      resolve('refused')
    })
  })
}

describe('without a token, on the loopback', () => {
  let stage: Stage
  let port: string
  let runId: string
  let body: string
  beforeAll(async () => {
    stage = await openStage()
    port = new URL(stage.server.url).port
    const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    body = JSON.stringify({ ...SHELL_GOAL, cwd })
    runId = (await stage.client.finish({ ...SHELL_GOAL, cwd })).run_id
  })
  afterAll(() => stage?.close())

  const json = { 'content-type': 'application/json' }
  const hosts = () => [
    'evil.test',
    `evil.test:${port}`,
    `localhost.evil.test:${port}`,
    `127.0.0.1.nip.io:${port}`,
    `0.0.0.0:${port}`,
    `127.1:${port}`,
    `127.0.0.1:${Number(port) + 1}`,
    'localhost',
    `localhost.:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `user@127.0.0.1:${port}`,
  ]
  const foreign = (): Record<string, string>[] => [
    { origin: 'http://evil.test' },
    { origin: `http://localhost.evil.test:${port}` },
    { origin: `http://127.0.0.1:${Number(port) + 1}` },
    { origin: 'null' },
    { origin: 'file://' },
    { origin: `http://127.0.0.1:${port}/path` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'cross-site' },
  ]

  it('a Host that is not ours is refused: REST, WebSocket, socket.io by polling and by WebSocket', async () => {
    for (const host of hosts()) {
      const answer = await send(`${stage.server.url}/api/runs`, { headers: { host } })
      expect(answer.status, host).toBe(421)
      expect(JSON.parse(answer.body), host).toMatchObject({ code: 'unknown_host' })
      expect(await tryWebSocket(`${stage.server.url}/api/ws/${runId}`, { host }), host).toBe(421)
      // The client library would not let a test choose Host here.
      const polled = await send(`${stage.server.url}${LIVE_PATH}/?EIO=4&transport=polling`, {
        headers: { host },
      })
      expect(polled.status, host).toBe(403)
      expect(await tryLive(stage.server.url, 'websocket', { host }), host).toBe('refused')
    }
  })

  it('an Origin or Sec-Fetch-Site of another site is refused in the same four ways, and starts nothing', async () => {
    const before = (await stage.client.list('?limit=200')).length
    for (const headers of foreign()) {
      const said = JSON.stringify(headers)
      const started = await send(`${stage.server.url}/api/runs`, {
        method: 'POST',
        headers: { ...json, ...headers },
        body,
      })
      expect(started.status, said).toBe(403)
      expect(JSON.parse(started.body)).toMatchObject({ code: 'foreign_origin', status: 403 })
      expect((await send(`${stage.server.url}/api/runs`, { headers })).status, said).toBe(403)
      expect(await tryWebSocket(`${stage.server.url}/api/ws/${runId}`, headers), said).toBe(403)
      expect(await tryLive(stage.server.url, 'polling', headers), said).toBe('refused')
      expect(await tryLive(stage.server.url, 'websocket', headers), said).toBe('refused')
    }
    expect((await stage.client.list('?limit=200')).length).toBe(before)
  })

  it('what a page of ours and a script send is answered in the same four ways', async () => {
    for (const headers of [
      {},
      { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' },
      { origin: `http://localhost:${port}`, host: `localhost:${port}` },
      { 'sec-fetch-site': 'none' },
    ] as Record<string, string>[]) {
      const said = JSON.stringify(headers)
      expect((await send(`${stage.server.url}/api/runs`, { headers })).status, said).toBe(200)
      const polled = await send(`${stage.server.url}${LIVE_PATH}/?EIO=4&transport=polling`, { headers })
      expect(polled.status, said).toBe(200)
      expect(await tryWebSocket(`${stage.server.url}/api/ws/${runId}`, headers), said).toBe(101)
      expect(await tryLive(stage.server.url, 'polling', headers), said).toBe('connected')
      expect(await tryLive(stage.server.url, 'websocket', headers), said).toBe('connected')
    }
  })

  it('the shapes of a forged form are refused, and start nothing', async () => {
    const before = (await stage.client.list('?limit=200')).length
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', '']
    for (const type of types) {
      const headers: Record<string, string> = {
        origin: 'http://evil.test',
        ...(type ? { 'content-type': type } : {}),
      }
      const answer = await send(`${stage.server.url}/api/runs`, { method: 'POST', headers, body })
      expect(answer.status).toBe(403)
      // Without Origin, as a very old browser: the type alone stops it.
      const plain = await send(`${stage.server.url}/api/runs`, {
        method: 'POST',
        headers: type ? { 'content-type': type } : {},
        body,
      })
      expect(plain.status).toBe(415)
    }
    expect((await stage.client.list('?limit=200')).length).toBe(before)
  })

  it('a preflight is never granted', async () => {
    const answer = await send(`${stage.server.url}/api/runs`, {
      method: 'OPTIONS',
      headers: { origin: `http://127.0.0.1:${port}`, 'access-control-request-method': 'POST' },
    })
    expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control'))).toEqual([])
  })

  it('no answer allows another site to read it', async () => {
    for (const url of ['/', '/api/runs', '/healthz', '/api/nothing']) {
      const { headers } = await send(stage.server.url + url)
      expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([])
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
      expect(headers['content-security-policy']).not.toContain('unsafe')
    }
  })

  it('a link on another page may open a page of the dashboard, and nothing of the API', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect((await send(`${stage.server.url}/runs`, { headers: link })).status).toBe(200)
    expect((await send(`${stage.server.url}/api/runs`, { headers: link })).status).toBe(403)
    const framed = { ...link, 'sec-fetch-dest': 'iframe' }
    expect((await send(`${stage.server.url}/runs`, { headers: framed })).status).toBe(403)
  })

  it('raw requests that no client library sends are refused or closed, and the server lives', async () => {
    const shapes = [
      `GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.test\r\n\r\n`,
      'GET /api/runs HTTP/1.1\r\n\r\n',
      `GET http://evil.test/api/runs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
      `GET //evil.test/api/runs HTTP/1.1\r\nHost: evil.test\r\n\r\n`,
      `GET /${'a'.repeat(6000)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      `GET /api/ws/${runId} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      `GET /anything HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n`,
    ]
    for (const shape of shapes) {
      const answer = await sendRaw(Number(port), shape)
      expect(answer, shape.slice(0, 60)).toMatch(/^(HTTP\/1\.1 (400|421|431)|$)/)
      expect(answer).not.toContain(runId)
    }
    expect((await stage.client.request('GET', '/healthz')).status).toBe(200)
  })
})

describe('with a token', () => {
  const token = 'a-secret-of-more-than-sixteen-characters'
  let stage: Stage
  let runId: string
  beforeAll(async () => {
    stage = await openStage({ env: { RETRAI_TOKEN: token } })
    const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    runId = (await stage.client.finish({ ...SHELL_GOAL, cwd })).run_id
  })
  afterAll(() => stage?.close())

  it('nothing is answered without it, or with a wrong one: 401 on every way in', async () => {
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong-wrong-wrong-wrong' },
      { authorization: `Bearer ${token.slice(0, -1)}` },
      { authorization: `Basic ${Buffer.from(`a:${token}`).toString('base64')}` },
      { authorization: token },
      { cookie: `retrai_session=${token}` },
    ]
    const { url } = stage.server
    for (const headers of wrong) {
      const events = `/api/runs/${runId}/events`
      const paths = ['/api/runs', `/api/runs/${runId}`, events, '/api/openapi.json', '/readyz', '/metrics']
      for (const path of paths) {
        const accept = path === events ? 'text/event-stream' : '*/*'
        const answer = await send(url + path, { headers: { accept, ...headers } })
        expect(answer.status, path).toBe(401)
        expect(answer.headers['www-authenticate']).toBe('Bearer')
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'unauthorized' })
      }
      expect(await tryWebSocket(`${url}/api/ws/${runId}`, headers)).toBe(401)
      expect(await tryLive(url, 'polling', headers)).toBe('refused')
      expect(await tryLive(url, 'websocket', headers)).toBe('refused')
    }
    // In the address it would end up in logs and histories: not taken there.
    expect((await send(`${url}/api/runs?token=${token}`)).status).toBe(401)
    expect((await send(`${url}/healthz`)).status).toBe(200)
  })

  it('everything is answered with it', async () => {
    const headers = { authorization: `Bearer ${token}` }
    expect((await stage.client.list()).map(run => run.run_id)).toEqual([runId])
    expect(await tryWebSocket(`${stage.server.url}/api/ws/${runId}`, headers)).toBe(101)
    expect(await tryLive(stage.server.url, 'polling', headers)).toBe('connected')
    expect(await tryLive(stage.server.url, 'websocket', headers)).toBe('connected')
  })

  it('a browser is sent to the login, exchanges the printed code once, and goes on with its cookie', async () => {
    const { url } = stage.server
    const page = await send(`${url}/runs`, { headers: { accept: 'text/html' } })
    expect(page).toMatchObject({ status: 302, headers: { location: '/login' } })
    expect((await send(`${url}/login`)).status).toBe(200)
    const code = /\/login#code=(\S+)/.exec(stage.server.stdout())?.[1]
    expect(code).toMatch(/^[\w-]{40,}$/)
    const exchange = (value: unknown) =>
      send(`${url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify({ code: value }),
      })
    expect((await exchange('wrong')).status).toBe(401)
    const granted = await exchange(code)
    expect(granted.status).toBe(204)
    const [cookie] = granted.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^retrai_session=[\w-]{40,}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
    expect(cookie).not.toContain(token)
    expect((await exchange(code)).status).toBe(401)

    const session = { cookie: cookie!.split(';')[0]! }
    expect((await send(`${url}/api/runs`, { headers: session })).status).toBe(200)
    expect((await send(`${url}/runs`, { headers: { ...session, accept: 'text/html' } })).status).toBe(200)
    expect(await tryWebSocket(`${url}/api/ws/${runId}`, session)).toBe(101)
    expect(await tryLive(url, 'websocket', session)).toBe('connected')
    // The Origin check stays.
    const headers = { ...session, origin: 'http://evil.test' }
    expect((await send(`${url}/api/runs`, { headers })).status).toBe(403)
    expect(await tryWebSocket(`${url}/api/ws/${runId}`, headers)).toBe(403)
  })

  it('the token is nowhere in what the server prints, stores in its answers or hands to commands', async () => {
    const cwd = await stage.project({
      'check.sh': 'env > seen.txt; tr "\\0" "\\n" < /proc/$PPID/environ; exit 1\n',
    })
    const run = await stage.client.finish({ ...SHELL_GOAL, cwd, max_iterations: 1 })
    const events = JSON.stringify(await stage.client.events(run.run_id))
    for (const text of [events, stage.server.stdout(), stage.server.stderr()]) {
      expect(text).not.toContain(token)
      expect(text).not.toContain('test-key-of-no-one')
    }
  })
})

describe('settings that would open the server to others', () => {
  it('another address than the loopback without a token: it does not start, and says what to do', async () => {
    const { code, stderr } = await startRefused({ HOST: '0.0.0.0' })
    expect(code).toBe(2)
    expect(stderr).toContain('RETRAI_TOKEN')
  })

  it('a token of a few characters', async () => {
    const { code, stderr } = await startRefused({ RETRAI_TOKEN: 'short' })
    expect(code).toBe(2)
    expect(stderr).toContain('at least 16 characters')
  })
})

/** Bytes as they are; resolves with what came back until the server closed, or an end of silence. */
function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const done = () => {
      socket.destroy()
      resolve(text)
    }
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(bytes, 'latin1'))
    socket.on('data', chunk => {
      text += chunk
      if (text.includes('\r\n\r\n')) done()
    })
    socket.on('close', done)
    socket.on('error', done)
  })
}
