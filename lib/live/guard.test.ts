import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { isAppError } from '#lib/errors'
import { createGuard, type GuardOptions, PUBLIC, pathOf, readCookies } from './guard.ts'
import { createRates } from './rates.ts'
import { createSessions, SESSION_COOKIE } from './sessions.ts'

const PORT = 8000
const OWN = 'http://localhost:8000'
const TOKEN = 'a-token-of-many-letters'

interface Asked {
  method?: string
  url?: string
  /** Names and values in turn, as they come over the wire. */
  raw?: string[]
  headers?: Record<string, string>
}

/** A request as node:http parses it, without the network. */
function asked({ method = 'GET', url = '/api/runs', raw, headers = {} }: Asked): IncomingMessage {
  const all = { host: 'localhost:8000', ...headers }
  const rawHeaders = raw ?? Object.entries(all).flat()
  // Only what the guard reads.
  return { method, url, headers: all, rawHeaders, socket: {} } as unknown as IncomingMessage
}

function verdict(
  request: Asked,
  options: Partial<GuardOptions> = {},
  kind: 'request' | 'upgrade' = 'request',
) {
  const guard = createGuard({
    host: '127.0.0.1',
    port: () => PORT,
    allowedHosts: [],
    token: null,
    hasSession: () => false,
    rates: createRates(),
    ...options,
  })
  try {
    guard.check(asked(request), kind)
    return 'passed'
  } catch (error) {
    return isAppError(error) ? error.code : String(error)
  }
}

test('what is answered without a token is this, and nothing else', () => {
  expect(PUBLIC.map(pattern => pattern.source)).toEqual([
    '^\\/healthz$',
    '^\\/login(\\.js)?$',
    '^\\/api\\/session$',
    '^\\/_next\\/static\\/',
    '^\\/icon[\\w.-]*$',
    '^\\/favicon',
  ])
})

describe('the Host header', () => {
  it.each(['localhost:8000', 'LOCALHOST:8000', '127.0.0.1:8000', '[::1]:8000'])('%s is ours', host => {
    expect(verdict({ headers: { host } })).toBe('passed')
  })

  it.each([
    'evil.example',
    'evil.example:8000',
    'localhost',
    'localhost:80',
    'localhost:8001',
    'localhost:8000.evil.example',
    'localhost.evil.example:8000',
    'localhost:8000@evil.example',
    'evil.example@localhost:8000',
    'localhost.:8000',
    '127.0.0.1.nip.io:8000',
    '127.1:8000',
    '127.0.0.2:8000',
    '0.0.0.0:8000',
    '2130706433:8000',
    '[::]:8000',
    '[::ffff:127.0.0.1]:8000',
    ' localhost:8000,evil.example',
    '',
  ])('%j is refused', host => {
    expect(verdict({ headers: { host } })).toBe('unknown_host')
    expect(verdict({ headers: { host } }, {}, 'upgrade')).toBe('unknown_host')
  })

  it('that is missing or comes twice is refused', () => {
    expect(verdict({ raw: [] })).toBe('unknown_host')
    expect(verdict({ raw: ['Host', 'localhost:8000', 'hOsT', 'evil.example'] })).toBe('unknown_host')
    expect(verdict({ raw: ['Host', 'localhost:8000', 'Host', 'localhost:8000'] })).toBe('unknown_host')
  })

  it('may be a name that the configuration allows, with exactly its port', () => {
    const options = { allowedHosts: ['retrai.lan', 'box:9000'] }
    expect(verdict({ headers: { host: 'retrai.lan' } }, options)).toBe('passed')
    expect(verdict({ headers: { host: 'BOX:9000' } }, options)).toBe('passed')
    expect(verdict({ headers: { host: 'box:8000' } }, options)).toBe('unknown_host')
    expect(verdict({ headers: { host: 'x.retrai.lan' } }, options)).toBe('unknown_host')
  })

  it('may be the address the server is bound to, and not loopback then', () => {
    const options = { host: '192.168.1.5', token: TOKEN }
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect(verdict({ headers: { ...headers, host: '192.168.1.5:8000' } }, options)).toBe('passed')
    expect(verdict({ headers: { ...headers, host: 'localhost:8000' } }, options)).toBe('unknown_host')
    const six = { host: 'fd00::1', token: TOKEN }
    expect(verdict({ headers: { ...headers, host: '[fd00::1]:8000' } }, six)).toBe('passed')
  })

  it('of a server bound to all addresses is loopback or a name that is allowed', () => {
    for (const host of ['0.0.0.0', '::']) {
      const options = { host, token: TOKEN, allowedHosts: ['retrai.lan:8000'] }
      const headers = { authorization: `Bearer ${TOKEN}` }
      expect(verdict({ headers: { ...headers, host: 'retrai.lan:8000' } }, options)).toBe('passed')
      expect(verdict({ headers: { ...headers, host: 'localhost:8000' } }, options)).toBe('passed')
      expect(verdict({ headers: { ...headers, host: `${host}:8000` } }, options)).toBe('unknown_host')
      expect(verdict({ headers: { ...headers, host: 'evil.example:8000' } }, options)).toBe('unknown_host')
    }
  })

  it('on port 80 needs no port', () => {
    expect(verdict({ headers: { host: 'localhost' } }, { port: () => 80 })).toBe('passed')
    expect(verdict({ headers: { host: 'evil.example' } }, { port: () => 80 })).toBe('unknown_host')
  })
})

describe('the Origin header', () => {
  it.each([OWN, 'http://127.0.0.1:8000', 'http://[::1]:8000', 'HTTP://LOCALHOST:8000'])(
    '%s is ours',
    origin => {
      expect(verdict({ headers: { origin } })).toBe('passed')
      expect(verdict({ headers: { origin } }, {}, 'upgrade')).toBe('passed')
    },
  )

  it.each([
    'null',
    'http://evil.example',
    'http://localhost:8001',
    'http://localhost',
    'http://localhost:8000.evil.example',
    'http://localhost:8000@evil.example',
    'http://evil.example/localhost:8000',
    'http://localhost:8000/',
    'http://localhost:8000, http://evil.example',
    'file://',
    'chrome-extension://localhost:8000',
    'ftp://localhost:8000',
    'http://',
    '',
  ])('%j is refused, for requests and upgrades, whatever the method', origin => {
    for (const method of ['GET', 'POST', 'OPTIONS'])
      expect(verdict({ method, headers: { origin, 'content-type': 'application/json' } })).toBe(
        'foreign_origin',
      )
    expect(verdict({ headers: { origin } }, {}, 'upgrade')).toBe('foreign_origin')
  })

  it('that equals a hostile Host is refused all the same: DNS rebinding', () => {
    const headers = { host: 'rebound.example:8000', origin: 'http://rebound.example:8000' }
    expect(verdict({ headers })).toBe('unknown_host')
    expect(verdict({ headers: { origin: headers.origin } })).toBe('foreign_origin')
  })
})

describe('Sec-Fetch-Site', () => {
  const from = (site: string, more: Record<string, string> = {}) => ({ 'sec-fetch-site': site, ...more })
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

  it('same-origin, none and its absence pass', () => {
    for (const headers of [{}, from('same-origin'), from('none', navigation)])
      expect(verdict({ headers })).toBe('passed')
  })

  it.each(['cross-site', 'same-site', 'none, cross-site', 'whatever', ''])('%j is refused', site => {
    expect(verdict({ headers: from(site) })).toBe('foreign_origin')
    expect(verdict({ url: '/', headers: from(site) })).toBe('foreign_origin')
    expect(verdict({ headers: from(site) }, {}, 'upgrade')).toBe('foreign_origin')
  })

  it('lets a link on another page open a page, and nothing else', () => {
    const headers = from('cross-site', navigation)
    expect(verdict({ url: '/runs/1', headers })).toBe('passed')
    expect(verdict({ url: '/api/runs', headers })).toBe('foreign_origin')
    expect(verdict({ url: '/', method: 'POST', headers })).toBe('foreign_origin')
    expect(verdict({ url: '/', headers }, {}, 'upgrade')).toBe('foreign_origin')
    expect(
      verdict({ url: '/', headers: from('cross-site', { ...navigation, 'sec-fetch-dest': 'iframe' }) }),
    ).toBe('foreign_origin')
  })
})

describe('the content type', () => {
  const post = (headers: Record<string, string>) => verdict({ method: 'POST', headers })

  it('of a request that changes something is JSON', () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON'])
      expect(post({ 'content-type': type, 'content-length': '2' })).toBe('passed')
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'text/plain; application/json',
      '',
    ])
      expect(post({ 'content-type': type, 'content-length': '2' })).toBe('not_json')
    expect(post({ 'content-length': '2' })).toBe('not_json')
    expect(post({ 'transfer-encoding': 'chunked' })).toBe('not_json')
  })

  it('may be left out with the body, by a client that is no browser', () => {
    expect(post({})).toBe('passed')
    expect(post({ 'content-length': '0' })).toBe('passed')
    expect(post({ origin: OWN, 'content-length': '0' })).toBe('not_json')
    expect(post({ origin: OWN, 'content-type': 'application/json' })).toBe('passed')
  })

  it('does not matter for reading, and for socket.io, which has its own', () => {
    expect(verdict({ method: 'GET', headers: { 'content-type': 'text/plain' } })).toBe('passed')
    const headers = { 'content-type': 'text/plain;charset=UTF-8', 'content-length': '1', origin: OWN }
    expect(verdict({ method: 'POST', url: '/api/live/?EIO=4&transport=polling', headers })).toBe('passed')
  })
})

describe('with a token', () => {
  const options = { token: TOKEN }
  const bearer = (value: string) => ({ headers: { authorization: value } })

  it('a request needs exactly this one', () => {
    expect(verdict(bearer(`Bearer ${TOKEN}`), options)).toBe('passed')
    expect(verdict(bearer(`bearer ${TOKEN}`), options)).toBe('passed')
    expect(verdict(bearer(`Bearer ${TOKEN}`), options, 'upgrade')).toBe('passed')
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      TOKEN,
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}x`,
      `Bearer  ${TOKEN}`,
      `Bearer ${TOKEN.slice(1)}`,
      `Bearer ${TOKEN.toUpperCase()}`,
    ]
    for (const value of wrong) {
      expect(verdict(bearer(value), options)).toBe('unauthorized')
      expect(verdict(bearer(value), options, 'upgrade')).toBe('unauthorized')
    }
    expect(verdict({}, options)).toBe('unauthorized')
    expect(verdict({ url: `/api/runs?token=${TOKEN}` }, options)).toBe('unauthorized')
  })

  it('does not excuse a foreign origin or host', () => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect(verdict({ headers: { ...headers, origin: 'http://evil.example' } }, options)).toBe(
      'foreign_origin',
    )
    expect(verdict({ headers: { ...headers, host: 'evil.example' } }, options)).toBe('unknown_host')
  })

  it('is not asked for where a browser logs in and a load balancer looks', () => {
    for (const url of [
      '/healthz',
      '/login',
      '/login.js',
      '/_next/static/chunks/a.js',
      '/icon.svg',
      '/favicon.ico',
    ])
      expect(verdict({ url }, options)).toBe('passed')
    expect(
      verdict(
        { method: 'POST', url: '/api/session', headers: { 'content-type': 'application/json' } },
        options,
      ),
    ).toBe('passed')
  })

  it.each([
    '/',
    '/runs',
    '/api/runs',
    '/api/ws/1',
    '/api/live/',
    '/api/openapi.json',
    '/readyz',
    '/metrics',
    '/_next/data/x.json',
    '/healthz/x',
    '/login/../runs',
    '/_next/static/../../api/runs',
    '/_next/static/..%2f..%2fapi/runs'.replaceAll('%2f', '/'),
    '/_next/static/%2e%2e/%2E%2E/api/runs',
    '/_next/static/.%2e/../api/runs',
    '/_next/static/..\\..\\api\\runs',
    '/icons/../api/runs',
    '/favicon/../api/runs',
    '//evil.example/healthz',
  ])('%j is refused', url => {
    expect(verdict({ url }, options)).toMatch(/^(unauthorized|bad_request)$/)
    expect(verdict({ url }, options, 'upgrade')).toMatch(/^(unauthorized|bad_request)$/)
  })

  it('a browser has a session instead, that a single-use code gave it', () => {
    let now = 0
    const sessions = createSessions(() => now)
    const code = sessions.newCode()
    const cookie = sessions.exchange(code)!
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    expect(cookie).not.toContain(TOKEN)
    expect(sessions.exchange(code)).toBeNull()
    expect(sessions.exchange('')).toBeNull()
    const headers = { cookie: `other=1; ${cookie.split(';')[0]}` }
    const withSession = { token: TOKEN, hasSession: sessions.isValid }
    expect(verdict({ headers }, withSession)).toBe('passed')
    expect(verdict({ headers: { ...headers, origin: 'null' } }, withSession)).toBe('foreign_origin')
    expect(verdict({ headers: { cookie: `${SESSION_COOKIE}=guess` } }, withSession)).toBe('unauthorized')
    const old = sessions.newCode()
    now += 11 * 60_000
    expect(sessions.exchange(old)).toBeNull()
    now += 31 * 24 * 3_600_000
    expect(verdict({ headers }, withSession)).toBe('unauthorized')
  })
})

describe('the address', () => {
  it.each([
    '',
    '*',
    'http://evil.example/',
    'api/runs',
    `/${'x'.repeat(4096)}`,
    '/a/../b',
    '/a/./b',
    '//a',
    '/a\\b',
    '/a b',
  ])('%j is refused', url => {
    expect(verdict({ url })).toBe('bad_request')
  })

  it('may carry any query', () => {
    expect(verdict({ url: '/api/runs?q=../..//\\&since=1h' })).toBe('passed')
    expect(verdict({ url: '/runs/a%20b%2Fc?x#y' })).toBe('passed')
  })

  it('is split from its query', () => {
    expect(pathOf(asked({ url: '/api/runs?q=/x' }))).toBe('/api/runs')
  })
})

it('cookies are read one by one, the last of a name counts, and no name is magic', () => {
  expect(readCookies('a=1; b = 2 ;c; a=3; d=x=y')).toEqual({ a: '3', b: '2', d: 'x=y' })
  expect(readCookies(undefined)).toEqual({})
  expect(Object.getPrototypeOf(readCookies('__proto__=x'))).toBe(Object.prototype)
})

describe('over a real connection', () => {
  let port = 0
  const guard = createGuard({
    host: '127.0.0.1',
    port: () => port,
    allowedHosts: [],
    token: null,
    hasSession: () => false,
    rates: createRates(),
  })
  const server = createServer((request, response) => {
    try {
      guard.check(request, 'request')
      response.end('passed')
    } catch (error) {
      response.statusCode = 400
      response.end(isAppError(error) ? error.code : String(error))
    }
  })
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })
  afterAll(() => void server.close())

  const send = (lines: string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let answer = ''
      socket.on('data', chunk => {
        answer += chunk
      })
      socket.on('end', () => resolve(answer))
      socket.on('error', reject)
      socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
    })

  it('two Hosts, two Origins and an absolute address are refused as they come', async () => {
    const host = `Host: localhost:${port}`
    expect(await send(['GET / HTTP/1.1', host])).toContain('passed')
    expect(await send(['GET / HTTP/1.1', host, 'Host: evil.example'])).toMatch(/unknown_host|400 Bad Request/)
    expect(
      await send(['GET / HTTP/1.1', host, `Origin: http://localhost:${port}`, 'Origin: http://evil.example']),
    ).toContain('foreign_origin')
    expect(await send([`GET http://evil.example/ HTTP/1.1`, host])).toContain('bad_request')
    expect(await send(['GET / HTTP/1.0'])).toContain('unknown_host')
  })

  it('a client library that keeps to the rules passes', async () => {
    const status = await new Promise(resolve =>
      httpRequest(
        { port, host: '127.0.0.1', path: '/api/runs', headers: { host: `127.0.0.1:${port}` } },
        response => {
          response.resume()
          resolve(response.statusCode)
        },
      ).end(),
    )
    expect(status).toBe(200)
  })
})
