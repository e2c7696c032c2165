// The only way out of a sandbox with a list of allowed hosts: an HTTP proxy on a Unix socket, opened for one command and closed
// with it. It decides over each request anew, so that a redirect is one as well.
import { createServer, type IncomingMessage, request as requestTo, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { HostRule } from '#lib/contract/network'
import { messageOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { type Dial, Refused } from './dial.ts'
import { isOpen, parseTarget, type Target, targetText } from './target.ts'

export interface ProxyOptions {
  /** Where it listens: a path that only the command's user can reach. */
  socket: string
  rules: readonly HostRule[]
  dial: Dial
  /** Called for each request that was refused, with where to and why. */
  onRefused?(target: string, why: string): void
}

export interface ProxyServer {
  /** Ends what is still open. */
  close(): Promise<void>
}

const NOT_LISTED = 'it is not on the list of allowed hosts'
/** They are about one connection, not about the request. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'host'],
])

export async function openProxy({
  socket: place,
  rules,
  dial,
  onRefused,
}: ProxyOptions): Promise<ProxyServer> {
  const open = new Set<Duplex>()
  let isClosed = false
  const server = createServer({
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: LIMITS.headersTimeoutMs,
    requestTimeout: 0,
  })
  server.maxConnections = LIMITS.proxyConnections
  // What a request brings may be anything; none may end more than itself.
  server.on('request', (request, response) => void forward(request, response).catch(() => response.destroy()))
  server.on(
    'connect',
    (request, client, head) => void tunnel(request, client, head).catch(() => client.destroy()),
  )
  server.on('clientError', (_, client) => {
    if (client.writable) client.end(answerOf(400, 'Bad Request', 'that is no request to a proxy'))
    else client.destroy()
  })
  server.on('connection', socket => hold(socket))

  function hold(socket: Duplex): void {
    open.add(socket)
    if (isClosed) socket.destroy()
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
  }

  /** A connection to where the request wants to go; else what it is answered with. */
  async function reach(
    target: Target | null,
    raw: string,
  ): Promise<Socket | { status: number; why: string }> {
    const refuse = (where: string, why: string) => {
      onRefused?.(where, why)
      return { status: 403, why: `${where}: ${why}` }
    }
    if (target === null)
      return refuse(JSON.stringify(raw.slice(0, 100)), 'that is not a host by its usual name')
    if (!isOpen(rules, target)) return refuse(targetText(target), NOT_LISTED)
    try {
      const remote = await dial(target)
      hold(remote)
      remote.setTimeout(LIMITS.proxyIdleMs, () => remote.destroy())
      return remote
    } catch (error) {
      if (error instanceof Refused) return refuse(targetText(target), messageOf(error))
      return { status: 502, why: messageOf(error) }
    }
  }

  async function tunnel(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const raw = request.url ?? ''
    const remote = await reach(parseTarget(raw, null), raw)
    if ('status' in remote) {
      client.end(answerOf(remote.status, remote.status === 403 ? 'Forbidden' : 'Bad Gateway', remote.why))
      return
    }
    if (client.destroyed) {
      remote.destroy()
      return
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) remote.write(head)
    client.pipe(remote)
    remote.pipe(client)
    client.once('close', () => remote.destroy())
    remote.once('close', () => client.destroy())
  }

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = request.url ?? ''
    const [, authority, path] = /^http:\/\/([^/?#\\]*)(.*)$/i.exec(raw) ?? []
    const target = authority === undefined ? null : parseTarget(authority, 80)
    const remote = await reach(target, raw)
    if ('status' in remote || target === null) {
      const said = 'status' in remote ? remote : { status: 403, why: '' }
      response.writeHead(said.status, { 'content-type': 'text/plain', connection: 'close' })
      response.end(sentence(said))
      return
    }
    const onward = requestTo({
      createConnection: () => remote,
      method: request.method,
      path: path === '' || path === undefined ? '/' : path.startsWith('/') ? path : `/${path}`,
      // Of the same name as what was looked at, whatever the request said beside it.
      headers: [
        ...endToEnd(request),
        'host',
        target.port === 80 ? hostText(target) : targetText(target),
        'connection',
        'close',
      ],
    })
    onward.on('response', answer => {
      answer.on('error', () => response.destroy())
      try {
        response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer))
        answer.pipe(response)
      } catch {
        response.destroy() // Node does not write every header that it reads.
      }
    })
    onward.on('error', error => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502, { 'content-type': 'text/plain' }).end(sentence({ why: messageOf(error) }))
    })
    response.once('close', () => remote.destroy())
    request.pipe(onward)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, resolve)
  })
  return {
    close: () =>
      new Promise(resolve => {
        isClosed = true
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

const sentence = ({ why }: { why: string }) => `retrAI: ${why}\n`

/** Written by hand, where there is no response to write it. */
function answerOf(status: number, title: string, why: string): string {
  const text = sentence({ why })
  const headers = `content-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close`
  return `HTTP/1.1 ${status} ${title}\r\n${headers}\r\n\r\n${text}`
}

const hostText = ({ host }: Target) => (host.includes(':') ? `[${host}]` : host)

/** Names and values in turns, as they came. */
function endToEnd({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
  const kept: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase()
    if (!HOP_BY_HOP.has(name) && !named.includes(name)) kept.push(rawHeaders[at]!, rawHeaders[at + 1]!)
  }
  return kept
}
