// Requests that nobody sane would send: bodies of the right shape with something wrong in them, and bytes without any shape.
// A fault of the caller is answered as one, never with 5xx, and in the shape every problem has.
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { endpoints } from '#lib/contract/endpoints'
import { api } from '#lib/testing/api'
import { startServer } from '#lib/testing/server'
import { createRandom, type Random } from '../reliability/random.ts'
import type { Scenario } from '../reliability/scenario.ts'
import { residentMiB, restingMiB } from './memory.ts'

const REQUESTS = { quick: 1_000, full: 100_000 }
const WORKERS = 8
/** What a process may have grown by when all is over: caches and compiled code, not what was sent. */
const MAY_GROW_MIB = 96

interface Raw {
  bytes: Buffer
  /** What it was, for whoever reads of a failure. */
  what: string
}

export const restFuzz: Scenario = {
  name: 'rest-fuzz',
  promise:
    'S16: no request, however wrong, is answered with 5xx, brings the server down or stays in its memory',
  async run({ seed, scale, log }) {
    // What is asked for without a directory happens here, in nothing.
    const folder = await mkdtemp(path.join(tmpdir(), 'retrai-fuzz-'))
    const server = await startServer({
      env: {
        ANTHROPIC_API_KEY: 'key-of-nobody-1234',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
        RETRAI_CWD: folder,
        // A small heap: what a lazy collector leaves lying about is no leak.
        NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8',
      },
    })
    const statuses = new Map<number, number>()
    const broken: string[] = []
    let closed = 0
    try {
      const random = createRandom(seed, 'rest-fuzz')
      const send = async (raw: Raw) => {
        const answer = await ask(server.url, raw.bytes)
        if (answer === null) return void closed++
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        const problem = wrongWith(answer)
        if (problem && broken.length < 20) broken.push(`${problem}: ${raw.what}`)
      }
      const host = new URL(server.url).host
      for (let at = 0; at < 300; at++) await send(makeRequest(random, host)) // warm
      const before = residentMiB(server.pid) ?? 0
      let left = REQUESTS[scale]
      const worker = async () => {
        while (left-- > 0) {
          await send(makeRequest(random, host))
          if (left > 0 && left % 20_000 === 0) log(`${left} to go`)
        }
      }
      await Promise.all(Array.from({ length: WORKERS }, worker))
      const peak = residentMiB(server.pid) ?? 0
      const after = await restingMiB(server.pid, {
        below: before + MAY_GROW_MIB / 2,
        withinMs: scale === 'quick' ? 3_000 : 30_000,
      })
      if (after > before + MAY_GROW_MIB)
        broken.push(`memory went from ${before.toFixed(0)} to ${after.toFixed(0)} MiB`)
      const list = await api(server.url).request('GET', '/api/runs')
      if (list.status !== 200) broken.push(`afterwards GET /api/runs answers ${list.status}`)
      const faults = server
        .stderr()
        .split('\n')
        .filter(line => /"a request failed"|unhandled|uncaught/i.test(line))
      if (faults.length > 0)
        broken.push(`${faults.length} faults in the log, the first: ${faults[0]!.slice(0, 400)}`)
      const total = [...statuses.values()].reduce((sum, count) => sum + count, 0)
      if (total < REQUESTS[scale] * 0.5)
        broken.push(`only ${total} requests were answered: the test tests too little`)
      return {
        figures: {
          requests: REQUESTS[scale],
          answers: [...statuses]
            .sort(([a], [b]) => a - b)
            .map(([status, count]) => `${status}×${count}`)
            .join(' '),
          'closed without an answer': closed,
          'faults in the log': faults.length,
          'MiB before, at the end, after': `${before.toFixed(0)}, ${peak.toFixed(0)}, ${after.toFixed(0)}`,
        },
        broken,
      }
    } finally {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

interface Answer {
  status: number
  head: string
  body: string
}

function wrongWith({ status, head, body }: Answer): string | null {
  if (status >= 500 && status !== 503 && status !== 507) return `${status} ${body.slice(0, 200)}`
  if (status < 400 || body === '') return null
  if (!/content-type: application\/problem\+json/i.test(head)) return null // Node's own, before anything is parsed
  try {
    const problem = JSON.parse(body) as Record<string, unknown>
    return typeof problem.code === 'string' && problem.status === status
      ? null
      : `${status} without the shape of a problem`
  } catch {
    return `${status} with a body that is no JSON: ${body.slice(0, 100)}`
  }
}

/** null: the connection was closed, or nothing came. */
function ask(url: string, bytes: Buffer): Promise<Answer | null> {
  const { hostname, port } = new URL(url)
  return new Promise(resolve => {
    const socket: Socket = connect(Number(port), hostname)
    let text = ''
    const done = () => {
      socket.destroy()
      const match = /^HTTP\/1\.1 (\d{3})[^\r]*\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(text)
      resolve(
        match ? { status: Number(match[1]), head: match[2]!, body: unchunked(match[2]!, match[3]!) } : null,
      )
    }
    socket.setTimeout(3_000, done)
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (isWhole(text)) done()
    })
    socket.once('error', done).once('close', done)
    socket.write(bytes)
  })
}

function isWhole(text: string): boolean {
  const at = text.indexOf('\r\n\r\n')
  if (at === -1) return false
  const length = /content-length: (\d+)/i.exec(text.slice(0, at))?.[1]
  if (length !== undefined) return text.length >= at + 4 + Number(length)
  return /transfer-encoding: chunked/i.test(text.slice(0, at))
    ? text.endsWith('0\r\n\r\n')
    : /^HTTP\/1\.1 (?:204|304)/.test(text)
}

const unchunked = (head: string, body: string) =>
  /transfer-encoding: chunked/i.test(head) ? body.replace(/(?:^|\r\n)[0-9a-f]+\r\n/gi, '').trim() : body

const ID = '00000000-0000-4000-8000-000000000000'

function makeRequest(random: Random, host: string): Raw {
  if (random.chance(0.08)) return noise(random)
  const endpoint = random.pick(endpoints)
  const method = random.chance(0.9)
    ? endpoint.method
    : random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'FOO'])
  let address = endpoint.path.replace(/\{\w+\}/g, () =>
    random.chance(0.5) ? ID : encodeURIComponent(wellFormed(oddText(random))),
  )
  if (random.chance(0.4)) address += `?${oddQuery(random)}`
  const isQuiet = method === 'HEAD'
  const body = endpoint.method === 'GET' && random.chance(0.9) ? '' : oddBody(random)
  const headers = [
    `Host: ${random.chance(0.97) ? host : oddText(random).replace(/[\r\n]/g, '')}`,
    ...(body === '' && random.chance(0.8)
      ? []
      : [
          `Content-Type: ${random.chance(0.92) ? 'application/json' : random.pick(['text/plain', 'application/json; charset=utf-16', 'application/jsonp', '', 'multipart/form-data'])}`,
        ]),
    ...(random.chance(0.1)
      ? [
          `${random.pick(['Origin', 'Sec-Fetch-Site', 'Idempotency-Key', 'If-None-Match', 'Authorization', 'Cookie', 'X-Forwarded-For', 'X-Middleware-Subrequest', 'Expect', 'Range', 'Accept', 'Accept-Encoding', 'Next-Router-State-Tree', 'RSC', 'Next-Action', 'Last-Event-ID', 'traceparent'])}: ${oddText(random).replace(/[^\x20-\xff]/g, '')}`,
        ]
      : []),
    ...(random.chance(0.05) ? [`Accept: ${random.pick(['text/event-stream', 'application/x-ndjson'])}`] : []),
    'Connection: close',
  ]
  const bytes = Buffer.from(body, 'latin1')
  if (random.chance(0.05)) headers.push('Transfer-Encoding: chunked')
  else
    headers.push(`Content-Length: ${random.chance(0.97) ? bytes.length : random.pick([0, -1, 5, 1e12, 'x'])}`)
  const head = `${isQuiet ? 'GET' : method} ${address.replace(/[\r\n ]/g, '')} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`
  return {
    bytes: Buffer.concat([Buffer.from(head, 'latin1'), bytes]),
    what: `${head.split('\r\n')[0]} ${body.slice(0, 300)}`,
  }
}

function noise(random: Random): Raw {
  const bytes = Buffer.from(Array.from({ length: random.between(1, 400) }, () => random.between(0, 255)))
  const start = random.pick([
    '',
    'GET ',
    'POST /api/runs HTTP/1.1\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])
  return {
    bytes: Buffer.concat([Buffer.from(start), bytes, Buffer.from('\r\n\r\n')]),
    what: `noise after ${JSON.stringify(start)}`,
  }
}

const ODD = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '%00',
  '\u0000',
  'null',
  '__proto__',
  'constructor',
  '-1',
  '1e309',
  'NaN',
  "'; DROP TABLE runs;--",
  '<script>',
  '\u202e',
  '\ud800',
  'ÿþ',
  '💥',
  '{{7*7}}',
  '#{7*7}',
  'a'.repeat(300),
  'x'.repeat(5000),
]
/** Half a character cannot be written in an address. */
const wellFormed = (text: string) => Buffer.from(text).toString()
const oddText = (random: Random) =>
  random.chance(0.8) ? random.pick(ODD) : Math.floor(random.next() * 1e15).toString(36)

function oddQuery(random: Random): string {
  const names = [
    'after',
    'limit',
    'status',
    'kinds',
    'cursor',
    'iteration',
    'from',
    'to',
    'cwd',
    'q',
    '__proto__',
    'after[]',
    'wait',
    'deltas',
    'kind',
    '%',
    '',
  ]
  return Array.from(
    { length: random.between(1, 4) },
    () => `${random.pick(names)}=${encodeURIComponent(wellFormed(oddText(random)))}`,
  ).join('&')
}

const FIELDS =
  'goal cwd model_name max_iterations hitl_enabled check_command check_timeout_seconds max_cost_usd max_tokens max_minutes tags priority protect instructions confirm action feedback gate_id note text goals success_condition checkout gate_policy approve_next continue'.split(
    ' ',
  )

function oddBody(random: Random): string {
  switch (random.between(0, 9)) {
    case 0:
      return random.pick([
        '',
        '{',
        '[]',
        'null',
        '1',
        '"x"',
        '{"a":1}}',
        '{"goal":"x",}',
        "{'a':1}",
        '\xff\xfe',
        '{"goal":"\xc3\x28"}',
        '\xef\xbb\xbf{}',
        '{"goal":"x","goal":"y"}',
        '{"__proto__":{"x":1}}',
        '{"max_iterations":1e999}',
        '{"max_iterations":NaN}',
      ])
    case 1:
      return '['.repeat(random.between(1, 20_000))
    case 2: {
      const depth = random.between(1, 20_000)
      return `{"goal":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
    }
    case 3:
      return JSON.stringify({ goal: 'x'.repeat(random.pick([10, 65_536, 65_537, 300_000])), cwd: '/' })
    default: {
      const count = random.between(0, 8)
      const pairs = Array.from({ length: count }, () => {
        const name = random.chance(0.85) ? random.pick(FIELDS) : wellFormed(oddText(random))
        return `${JSON.stringify(name)}:${oddValue(random, 0)}`
      })
      return Buffer.from(`{${pairs.join(',')}}`).toString('latin1')
    }
  }
}

function oddValue(random: Random, depth: number): string {
  switch (random.between(0, depth > 3 ? 6 : 8)) {
    case 0:
      return random.pick(['null', 'true', 'false'])
    case 1:
      return random.pick(['0', '-1', '1', '1.5', '1e400', '-0', '9007199254740993', '1e-400', '1000000'])
    case 2:
    case 3:
    case 4:
    case 5:
      return JSON.stringify(oddText(random))
    case 6:
      return JSON.stringify(
        random.pick([
          '/',
          '/etc',

          'npm test',
          'pytest',
          'scripted/x',
          'claude-sonnet-4-6',
          'approve',
          'abort',
        ]),
      )
    case 7:
      return `[${Array.from({ length: random.between(0, 4) }, () => oddValue(random, depth + 1)).join(',')}]`
    default:
      return `{${JSON.stringify(random.pick(FIELDS))}:${oddValue(random, depth + 1)}}`
  }
}
