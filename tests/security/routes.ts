// In token mode every way in asks for it, but for a list that is written down here once more: what is added to the product
// without a word about it is closed.
import { connect } from 'node:net'
import { endpoints } from '#lib/contract/endpoints'
import { LIVE_PATH } from '#lib/contract/live'
import { LIMITS } from '#lib/limits'
import { startServer } from '#lib/testing/server'
import type { Scenario } from '../reliability/scenario.ts'

const TOKEN = 'the-token-that-is-not-guessed-x'
const ID = '00000000-0000-4000-8000-000000000000'

/** Everything that is answered without credentials, and with what. */
const PUBLIC: Record<string, number> = {
  'GET /healthz': 200,
  'GET /login': 200,
  'GET /login.js': 200,
  'POST /api/session': 401, // a wrong code
  'GET /icon.svg': 200,
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const PAGES = [
  '/',
  '/runs',
  `/runs/${ID}`,
  '/new',
  '/settings',
  '/gates',
  '/metrics',
  '/readyz',
  '/_next/image',
  '/_next/data/x.json',
  '/nowhere',
  '/healthz/',
  '/HEALTHZ',
  '/healthz/..',
  '/login/x',
  '/api',
  '/api/',
  '/api/session/x',
  '//healthz',
  '/%68ealthz',
  '/healthz%2f..%2fapi%2fruns',
  '/_next/static/../../api/runs',
  '/_next/static/%2e%2e/%2e%2e/api/runs',
  '/icon/../api/runs',
]

export const routes: Scenario = {
  name: 'routes',
  promise:
    'S4: without credentials every route is closed, except the few that are listed; guesses of the token are slowed down',
  async run({ scale }) {
    const server = await startServer({ env: { RETRAI_TOKEN: TOKEN } })
    const broken: string[] = []
    let asked = 0
    const expectStatus = async (what: string, path: string, allowed: number[], options: Asked = {}) => {
      asked++
      const status = await ask(server.url, path, options)
      if (!allowed.includes(status))
        broken.push(`${what} is answered with ${status} instead of ${allowed.join(' or ')}`)
      return status
    }
    try {
      const paths = [
        ...new Set(
          endpoints
            .filter(({ path }) => PUBLIC[`GET ${path}`] === undefined)
            .map(({ path }) => path.replace(/\{\w+\}/g, ID)),
        ),
      ]
      for (const path of paths) {
        for (const method of METHODS) await expectStatus(`${method} ${path}`, path, [401], { method })
      }
      await expectStatus('a stream of events', `/api/runs/${ID}/events`, [401], {
        headers: ['Accept: text/event-stream'],
      })
      for (const path of PAGES) await expectStatus(`GET ${path}`, path, [400, 401])
      for (const [route, status] of Object.entries(PUBLIC)) {
        const [method, path] = route.split(' ') as [string, string] // as written above
        await expectStatus(route, path, [status, ...(path.startsWith('/icon') ? [404] : [])], { method })
      }
      for (const path of [
        `/api/ws/${ID}`,
        `${LIVE_PATH}/?EIO=4&transport=websocket`,
        '/_next/webpack-hmr',
        '/',
        '/api/runs',
      ])
        await expectStatus(`an upgrade of ${path}`, path, [400, 401, 403], { upgrade: true })
      await expectStatus('polling of socket.io', `${LIVE_PATH}/?EIO=4&transport=polling`, [400, 401, 403])
      await expectStatus('a page for a browser', '/', [302], { headers: ['Accept: text/html'] })
      await expectStatus('the right token', '/api/runs', [200], {
        headers: [`Authorization: Bearer ${TOKEN}`],
      })

      const guesses = scale === 'quick' ? 500 : 10_000
      const counts = new Map<number, number>()
      for (let at = 0; at < guesses; at++) {
        const status = await ask(server.url, '/api/runs', {
          headers: [`Authorization: Bearer ${TOKEN.slice(0, -1)}${at}`],
        })
        counts.set(status, (counts.get(status) ?? 0) + 1)
      }
      if ((counts.get(200) ?? 0) > 0) broken.push(`${counts.get(200)} wrong tokens were taken`)
      // A long test lasts more than one minute.
      if ((counts.get(401) ?? 0) > LIMITS.wrongTokensPerMinute * 10)
        broken.push(`${counts.get(401)} guesses were answered`)
      if (!counts.get(429)) broken.push('guesses are not slowed down')
      await expectStatus('the right token after all the wrong ones', '/api/runs', [200], {
        headers: [`Authorization: Bearer ${TOKEN}`],
      })
      return {
        figures: {
          'routes asked': asked,
          'public routes': Object.keys(PUBLIC).length,
          guesses,
          'answers to guesses': [...counts].map(([status, count]) => `${status}×${count}`).join(' '),
          'wrong answers': broken.length,
        },
        broken,
      }
    } finally {
      await server.close()
    }
  },
}

interface Asked {
  method?: string
  headers?: string[]
  upgrade?: boolean
}

/** The status of the answer; 0 when the connection was closed without one. */
function ask(
  url: string,
  path: string,
  { method = 'GET', headers = [], upgrade = false }: Asked,
): Promise<number> {
  const { hostname, port, host } = new URL(url)
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...headers,
    ...(method === 'GET' || method === 'HEAD' ? [] : ['Content-Type: application/json', 'Content-Length: 2']),
    ...(upgrade
      ? [
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ]
      : ['Connection: close']),
  ]
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${method} ${path}`)))
    socket.once('error', reject)
    socket.once('data', data => {
      socket.destroy()
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? 0))
    })
    socket.once('end', () => resolve(0))
    socket.write(`${lines.join('\r\n')}\r\n\r\n${method === 'GET' || method === 'HEAD' ? '' : '{}'}`)
  })
}
