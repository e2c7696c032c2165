// The proxy of a list of hosts, asked on its socket as programs do; names are resolved by a list, and public addresses stand
// for servers on the loopback.
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hostRules } from '#lib/contract/network'
import { LIMITS } from '#lib/limits'
import { tempFolder } from '#lib/testing/temp-folder'
import { createDial, Unreachable } from './dial.ts'
import { openProxy, type ProxyServer } from './proxy.ts'

const PUBLIC = '93.184.216.34'

interface Stage {
  proxy: ProxyServer
  socket: string
  /** `address:port` of each connection that was made. */
  dialled: string[]
  /** Each name that was asked for. */
  resolved: string[]
  refused: string[]
  /** Connections to hosts. */
  remotes: Socket[]
  /** What the server behind all addresses was asked. */
  requests: { line: string; headers: IncomingHttpHeaders; body: string }[]
}

async function openStage(
  hosts: string[],
  answers: Record<string, string[] | string[][]> = {},
): Promise<Stage> {
  const stage: Omit<Stage, 'proxy' | 'socket'> = {
    dialled: [],
    resolved: [],
    refused: [],
    remotes: [],
    requests: [],
  }
  const server = createHttpServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    stage.requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
    if (request.url === '/moved') response.writeHead(302, { location: 'http://127.0.0.1/secret' }).end()
    else
      response
        .writeHead(200, { 'x-kept': 'yes', connection: 'close, x-kept-not', 'x-kept-not': '1' })
        .end('hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on a port.
  const dial = createDial({
    async resolve(host) {
      stage.resolved.push(host)
      const found = answers[host]
      if (!found) throw new Error('ENOTFOUND')
      // A list of lists answers differently each time.
      return (Array.isArray(found[0]) ? (found as string[][]).shift()! : found) as string[]
    },
    connect(address, to) {
      stage.dialled.push(`${address}:${to}`)
      const remote = connect(port, '127.0.0.1')
      stage.remotes.push(remote)
      return remote
    },
    ownAddresses: () => ['198.41.0.4'],
  })
  const socket = path.join(tempFolder('proxy'), 'proxy')
  const onRefused = (target: string, why: string) => stage.refused.push(`${target}: ${why}`)
  const proxy = await openProxy({ socket, rules: hostRules(hosts), dial, onRefused })
  onTestFinished(async () => {
    await proxy.close()
    server.closeAllConnections()
    server.close()
  })
  return { ...stage, proxy, socket }
}

/** Sends it as it is; resolves with all that comes until the other side ends. */
async function send({ socket }: Stage, text: string): Promise<string> {
  const client = connect(socket)
  let answer = ''
  client.on('data', chunk => {
    answer += chunk
  })
  client.write(text)
  await once(client, 'close')
  return answer
}
const CLOSING = 'connection: close\r\n\r\n'
const tunnelTo = (stage: Stage, authority: string) =>
  send(
    stage,
    `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\nGET /inside HTTP/1.1\r\nhost: x\r\n${CLOSING}`,
  )
const get = (stage: Stage, url: string, headers = '') =>
  send(stage, `GET ${url} HTTP/1.1\r\nhost: whatever\r\n${headers}${CLOSING}`)

test('a tunnel to a host on the list carries what is sent, to the address that was looked at', async () => {
  const stage = await openStage(['example.org'], { 'example.org': [PUBLIC] })
  expect(await tunnelTo(stage, 'example.org:443')).toMatch(/^HTTP\/1.1 200 [\s\S]*hello/)
  expect(stage.dialled).toEqual([`${PUBLIC}:443`])
  expect(stage.requests[0]?.line).toBe('GET /inside')
  expect(stage.remotes[0]?.timeout).toBe(LIMITS.proxyIdleMs)
})

test('a plain request is passed on for the host that was looked at, without what is about the connection', async () => {
  const stage = await openStage(['*.example.org:8080', 'example.org'], {
    'a.example.org': [PUBLIC],
    'example.org': [PUBLIC],
  })
  const answer = await get(
    stage,
    'http://A.example.org:8080/path?q=1',
    'proxy-authorization: x\r\nx-own: 1\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1.1 200/)
  expect(answer).toMatch(/x-kept: yes/)
  expect(answer).not.toMatch(/x-kept-not: 1/)
  expect(stage.requests[0]).toMatchObject({
    line: 'GET /path?q=1',
    headers: { host: 'a.example.org:8080', 'x-own': '1' },
  })
  expect(stage.requests[0]?.headers).not.toHaveProperty('proxy-authorization')
  const post =
    'POST http://example.org HTTP/1.1\r\nhost: other.example\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody'
  expect(await send(stage, post)).toMatch(/\r\nhello\r\n/)
  expect(stage.requests[1]).toMatchObject({ line: 'POST /', headers: { host: 'example.org' }, body: 'body' })
})

test('where a redirect leads is asked for anew, and refused', async () => {
  const stage = await openStage(['example.org'], { 'example.org': [PUBLIC] })
  const moved = await get(stage, 'http://example.org/moved')
  const location = /location: (\S+)/i.exec(moved)?.[1]
  expect(await get(stage, location!)).toMatch(/^HTTP\/1.1 403[\s\S]*retrAI: 127\.0\.0\.1:80/)
  expect(stage.dialled).toHaveLength(1)
})

test('what is not on the list is refused in words, and its name is not even looked up', async () => {
  const stage = await openStage(['example.org', '*.example.net'], { 'evil.example': [PUBLIC] })
  for (const target of [
    'evil.example:443',
    'example.org:22',
    'example.net:443',
    'notexample.org:443',
    'xexample.net:443',
  ])
    expect(await tunnelTo(stage, target)).toContain(
      `retrAI: ${target}: it is not on the list of allowed hosts`,
    )
  expect(await get(stage, 'http://evil.example/')).toMatch(/^HTTP\/1.1 403[\s\S]*not on the list/)
  expect(stage.refused).toHaveLength(6)
  expect([stage.resolved, stage.dialled]).toEqual([[], []])
})

test('a name that is answered differently the next time gains nothing', async () => {
  const stage = await openStage(['rebind.example', 'both.example'], {
    'rebind.example': [[PUBLIC], ['127.0.0.1']],
    'both.example': [PUBLIC, '10.0.0.1'],
  })
  expect(await tunnelTo(stage, 'rebind.example:443')).toMatch(/^HTTP\/1.1 200/)
  expect(stage.resolved).toEqual(['rebind.example'])
  expect(await tunnelTo(stage, 'rebind.example:443')).toMatch(
    /403[\s\S]*the address 127\.0\.0\.1, which is not public/,
  )
  expect(await tunnelTo(stage, 'both.example:443')).toMatch(/403[\s\S]*the address 10\.0\.0\.1/)
  expect(stage.dialled).toEqual([`${PUBLIC}:443`])
})

test('no address that is not public is connected to, listed or not, however it is reached', async () => {
  const inside = [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '198.41.0.4',
  ]
  const inside6 = ['::1', '::ffff:127.0.0.1', 'fe80::1', 'fd00::1', '64:ff9b::7f00:1', '2002:7f00:1::']
  const names = Object.fromEntries(
    [...inside, ...inside6].map((address, at) => [`n${at}.example`, [address]]),
  )
  const listed = [...inside, ...inside6.map(address => `[${address}]`)]
  const stage = await openStage([...Object.keys(names), ...listed], names)
  for (const host of [...Object.keys(names), ...listed]) {
    expect(await tunnelTo(stage, `${host}:443`)).toMatch(/^HTTP\/1.1 403/)
    expect(await get(stage, `http://${host}/`)).toMatch(/^HTTP\/1.1 403/)
  }
  expect(stage.dialled).toEqual([])
})

test.each([
  ...[
    '2130706433:443',
    '0x7f000001:443',
    '0177.0.0.1:443',
    '127.1:443',
    'example.org.:443',
    'example.org',
    'example.org:',
  ],
  ...[
    'example.org:0443x',
    'example.org:99999',
    'user@example.org:443',
    'example.org:443@evil.example:443',
    '%65xample.org:443',
  ],
  ...[
    '[::ffff:7f00:1%25lo]:443',
    'http://example.org/',
    '/',
    '*',
    'example.org:443/',
    'exämple.org:443',
    '.example.org:443',
  ],
])('CONNECT %s is no target', async authority => {
  const stage = await openStage(['example.org', '*.example.org'], { 'example.org': [PUBLIC] })
  expect(await tunnelTo(stage, authority)).toMatch(/^HTTP\/1.1 40[03] [\s\S]*retrAI: /)
  expect([stage.resolved, stage.dialled]).toEqual([[], []])
})

test.each([
  ...[
    '/',
    '/path',
    'https://example.org/',
    'ftp://example.org/',
    'http://user:pw@example.org/',
    'http://example.org\\@evil.example/',
  ],
  ...['http://2130706433/', 'http://example.org./', 'http:///example.org', 'http://[::1/', 'http://0x7f.1/'],
])('GET %s is no target', async url => {
  const stage = await openStage(['example.org'], { 'example.org': [PUBLIC] })
  expect(await get(stage, url)).toMatch(/^HTTP\/1.1 40[03] [\s\S]*retrAI: /)
  expect([stage.resolved, stage.dialled]).toEqual([[], []])
})

test('a name without an address, and a host that does not answer, are told apart from what is refused', async () => {
  const stage = await openStage(['gone.example'])
  expect(await tunnelTo(stage, 'gone.example:443')).toMatch(
    /^HTTP\/1.1 502[\s\S]*gone\.example has no address/,
  )
  expect(stage.refused).toEqual([])
})

test('closing it ends what is open', async () => {
  const stage = await openStage(['example.org'], { 'example.org': [PUBLIC] })
  const client = connect(stage.socket)
  client.write('CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443\r\n\r\n')
  await once(client, 'data')
  const closed = once(client, 'close')
  await stage.proxy.close()
  await closed
})

test('more connections than the limit are not taken', async () => {
  const stage = await openStage(['example.org'])
  const held = Array.from({ length: LIMITS.proxyConnections }, () => connect(stage.socket))
  onTestFinished(() => {
    for (const client of held) client.destroy()
  })
  await Promise.all(held.map(client => once(client, 'connect')))
  const one = connect(stage.socket)
  one.on('error', () => {})
  await once(one, 'close')
})

test('of the addresses of a name only the first few are tried', async () => {
  const tried: string[] = []
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on a port.
  await new Promise(resolve => server.close(resolve))
  const dial = createDial({
    resolve: async () => Array.from({ length: 9 }, (_, at) => `93.184.216.${at + 1}`),
    connect(address) {
      tried.push(address)
      return connect(port, '127.0.0.1')
    },
  })
  await expect(dial({ host: 'a.example', port: 443, isAddress: false })).rejects.toThrow(Unreachable)
  expect(tried).toHaveLength(LIMITS.proxyAddresses)
})

test('an address that does not answer is given up after a while', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const sockets: Socket[] = []
  const dial = createDial({
    resolve: async () => [PUBLIC],
    connect: () => sockets[sockets.push(new Socket()) - 1]!,
  })
  const dialled = expect(dial({ host: 'a.example', port: 443, isAddress: false })).rejects.toThrow(
    'does not answer',
  )
  await vi.advanceTimersByTimeAsync(LIMITS.proxyConnectMs)
  await dialled
  expect(sockets[0]?.destroyed).toBe(true)
})
