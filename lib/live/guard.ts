// Stands in front of everything: HTTP requests, upgrades, socket.io. Loopback is not authentication: any web page can send
// requests to it, so Host, Origin and Sec-Fetch-Site are checked before any framework sees the request.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isLoopback } from '#lib/config'
import { AppError } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Rates } from './rates.ts'

export interface Guard {
  /** Throws AppError when the request must not be answered. */
  check(request: IncomingMessage, kind: 'request' | 'upgrade'): void
}

export interface GuardOptions {
  host: string
  /** The port that was bound: known once the server listens. */
  port(): number
  allowedHosts: string[]
  token: string | null
  /** Whether a session cookie is valid; browsers in token mode have one instead of the token. */
  hasSession(cookies: Record<string, string>): boolean
  rates: Rates
}

/** Answered without a token: what a load balancer asks, and what a browser needs in order to log in. */
export const PUBLIC = [
  /^\/healthz$/,
  /^\/login(\.js)?$/,
  /^\/api\/session$/,
  /^\/_next\/static\//,
  /^\/icon[\w.-]*$/,
  /^\/favicon/,
]

const MUTATING = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export function createGuard(options: GuardOptions): Guard {
  const { host, port, token, hasSession, rates } = options
  const extra = new Set(options.allowedHosts)
  const tokenHash = token === null ? null : sha256(token)

  // What stands behind the guard may resolve `..`, `//` and backslashes; the guard decides by the path as it came. So there is
  // only one way to write an address.
  function checkAddress({ url = '' }: IncomingMessage) {
    const isPlain =
      url.startsWith('/') && url.length <= LIMITS.urlLength && url.split(/[?#]/)[0] === resolved(url)
    if (!isPlain) throw new AppError('bad_request', 'The address of the request is not valid')
  }

  function isAllowedHost(name: string): boolean {
    if (extra.has(name)) return true
    const names = isLoopback(host) || isWildcard(host) ? ['127.0.0.1', 'localhost', '[::1]'] : []
    if (!isWildcard(host)) names.push(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)
    return names.some(known => name === `${known}:${port()}` || (port() === 80 && name === known))
  }

  function checkHost(request: IncomingMessage) {
    const hosts = request.rawHeaders.filter(
      (_, index, all) => index % 2 === 0 && all[index]?.toLowerCase() === 'host',
    )
    const name = request.headers.host?.toLowerCase() ?? ''
    if (hosts.length !== 1 || !isAllowedHost(name)) {
      throw new AppError(
        'unknown_host',
        `This server is not reached as ${name.slice(0, 100) || 'nothing'}; use http://localhost:${port()} or allow the name with RETRAI_ALLOWED_HOSTS`,
      )
    }
  }

  // Against the list, never against Host: under DNS rebinding both are the attacker's name.
  function checkOrigin(request: IncomingMessage) {
    const { origin } = request.headers
    if (origin === undefined) return
    const match = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())
    if (!match || !isAllowedHost(match[1]!)) {
      throw new AppError('foreign_origin', `Requests from ${origin.slice(0, 100)} are refused`)
    }
  }

  function checkFetchSite(request: IncomingMessage, kind: 'request' | 'upgrade') {
    const site = request.headers['sec-fetch-site']
    if (site === undefined || site === 'same-origin' || site === 'none') return
    // A link on another page may open a page of the dashboard, and nothing else.
    const isNavigation =
      kind === 'request' &&
      request.method === 'GET' &&
      request.headers['sec-fetch-mode'] === 'navigate' &&
      request.headers['sec-fetch-dest'] === 'document' &&
      !pathOf(request).startsWith('/api/')
    if (!isNavigation) throw new AppError('foreign_origin', 'Requests from other sites are refused')
  }

  // A JSON content type makes browsers ask first. A request without body and Origin is no browser's.
  function checkContentType(request: IncomingMessage) {
    if (!MUTATING.has(request.method ?? '') || !pathOf(request).startsWith('/api/')) return
    const { headers } = request
    const type = headers['content-type']
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    if (type === undefined && !hasBody && headers.origin === undefined) return
    if (!/^application\/json\s*(;|$)/i.test(type ?? '')) {
      throw new AppError('not_json', 'Send the body as application/json')
    }
  }

  function checkToken(request: IncomingMessage) {
    if (tokenHash === null || PUBLIC.some(pattern => pattern.test(pathOf(request)))) return
    if (hasSession(readCookies(request.headers.cookie))) return
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined || !timingSafeEqual(sha256(given), tokenHash)) {
      // Nobody guesses by sending nothing.
      if (given !== undefined) rates.wrongToken(request.socket.remoteAddress)
      throw new AppError(
        'unauthorized',
        'Send Authorization: Bearer with the token this server was started with',
        {
          headers: { 'WWW-Authenticate': 'Bearer' },
        },
      )
    }
  }

  return {
    check(request, kind) {
      rates.request(request.socket.remoteAddress)
      checkAddress(request)
      checkHost(request)
      checkOrigin(request)
      checkFetchSite(request, kind)
      if (kind === 'request' && !pathOf(request).startsWith('/api/live')) checkContentType(request)
      checkToken(request)
    },
  }
}

export const pathOf = (request: IncomingMessage) => (request.url ?? '/').split('?')[0]!

function resolved(url: string): string | null {
  try {
    return new URL(url, 'http://localhost').pathname
  } catch {
    return null
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
const isWildcard = (host: string) => host === '0.0.0.0' || host === '::'

export function readCookies(header: string | undefined): Record<string, string> {
  const pairs = (header ?? '').split(';').flatMap(part => {
    const at = part.indexOf('=')
    return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const]
  })
  return Object.fromEntries(pairs)
}
