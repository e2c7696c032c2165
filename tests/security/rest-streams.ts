// S16, what no single request shows: bodies without an end, heads that come drop by drop, many requests in one breath.
import { connect } from 'node:net'
import { LIMITS } from '#lib/limits'
import { api } from '#lib/testing/api'
import { startServer } from '#lib/testing/server'
import type { Scenario } from '../reliability/scenario.ts'
import { residentMiB } from './memory.ts'

const MAY_GROW_MIB = 96
/** What lies in buffers of both systems before anybody notices that the answer was given. */
const MAY_BE_TAKEN = 32 << 20

interface Stream {
  /** Status lines of the answers, in their order. */
  statuses: number[]
  /** Bytes that were taken before the connection ended. */
  taken: number
  seconds: number
}

export const restStreams: Scenario = {
  name: 'rest-streams',
  promise:
    'S16: a body without an end, a head that never ends, and many requests at once are answered or cut off, and others do not notice',
  async run({ scale, log }) {
    const server = await startServer({
      env: { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8' },
    })
    const broken: string[] = []
    const figures: Record<string, string> = {}
    const { host } = new URL(server.url)
    const post = (...more: string[]) =>
      ['POST /api/runs HTTP/1.1', `Host: ${host}`, 'Content-Type: application/json', ...more, '', ''].join(
        '\r\n',
      )
    const get = (path: string, ...more: string[]) =>
      [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...more, '', ''].join('\r\n')
    try {
      const before = residentMiB(server.pid) ?? 0
      const expect = async (
        what: string,
        pieces: Iterable<string | Buffer>,
        isRight: (stream: Stream) => boolean,
        options: { everyMs?: number } = {},
      ) => {
        const stream = await send(server.url, pieces, options)
        const told =
          stream.statuses.length > 3
            ? `${stream.statuses.length} answers`
            : stream.statuses.join(' ') || 'closed'
        figures[what] =
          `${told} after ${stream.seconds.toFixed(1)} s and ${(stream.taken / 1e6).toFixed(1)} MB`
        log(`${what}: ${figures[what]}`)
        if (!isRight(stream)) broken.push(`${what}: ${figures[what]}`)
      }
      const isOnly =
        (...statuses: number[]) =>
        (stream: Stream) =>
          stream.statuses.length <= 1 &&
          stream.statuses.every(one => statuses.includes(one)) &&
          stream.taken < MAY_BE_TAKEN

      await expect('a body of 1 GB', body(post('Content-Length: 1000000000'), 1000), isOnly(413))
      await expect('chunks of 1 GB', body(post('Transfer-Encoding: chunked'), 1000, chunk), isOnly(413))
      const deep = '['.repeat(1_000_000)
      await expect(
        'JSON a million deep',
        [post(`Content-Length: ${deep.length}`, 'Connection: close'), deep],
        isOnly(400),
      )
      const closed = `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`
      await expect(
        'objects in objects',
        [post(`Content-Length: ${closed.length}`, 'Connection: close'), closed],
        isOnly(400, 422),
      )
      await expect('a head of 1 MB', [get('/api/runs', `X-Long: ${'x'.repeat(1 << 20)}`)], isOnly(431))
      await expect(
        'a thousand small headers',
        [get('/api/runs', ...Array.from({ length: 3000 }, (_, at) => `X-${at}: 1`))],
        isOnly(431, 400),
      )
      const many = 500
      await expect(
        'many requests in one breath',
        [...Array.from({ length: many }, () => get('/healthz')), get('/healthz', 'Connection: close')],
        ({ statuses }) => statuses.length === many + 1 && statuses.every(status => status === 200),
      )
      await expect(
        'a request hidden in the body of another',
        [post('Content-Length: 4', 'Transfer-Encoding: chunked'), `0\r\n\r\n${get('/api/runs')}`],
        isOnly(400),
      )
      if (scale === 'full') {
        await expect('a head drop by drop', drops(get('/api/runs', `X: ${'y'.repeat(400)}`)), isOnly(408), {
          everyMs: 100,
        })
        await expect(
          'a body drop by drop',
          drops(post('Content-Length: 5000') + ' '.repeat(4000)),
          isOnly(408, 413),
          {
            everyMs: 50,
          },
        )
        await expect('chunks without an end', endless(post('Transfer-Encoding: chunked')), isOnly(408, 413), {
          everyMs: 200,
        })
      }
      const grown = (residentMiB(server.pid) ?? 0) - before
      figures['memory grew by MiB'] = grown.toFixed(0)
      if (grown > MAY_GROW_MIB) broken.push(`memory grew by ${grown.toFixed(0)} MiB`)
      if ((await api(server.url).list()).length > 0) broken.push('runs were started')
      return { figures, broken }
    } finally {
      await server.close()
    }
  },
}

const MEGABYTE = Buffer.alloc(1_000_000, ' ')

function* body(head: string, megabytes: number, wrap = (piece: Buffer) => piece) {
  yield head
  for (let at = 0; at < megabytes; at++) yield wrap(MEGABYTE)
}

const chunk = (piece: Buffer) =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])

const drops = (text: string) => [...text]

function* endless(head: string) {
  yield head
  for (let at = 0; at < 1000; at++) yield '1\r\n \r\n'
}

/** Sends one piece after the other, as fast as they are taken or with pauses, until the server has had enough. */
function send(
  url: string,
  pieces: Iterable<string | Buffer>,
  { everyMs }: { everyMs?: number },
): Promise<Stream> {
  const { hostname, port } = new URL(url)
  const began = performance.now()
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    let text = ''
    let isOver = false
    socket.setEncoding('latin1').on('data', data => {
      text += data
    })
    socket.on('error', () => {}) // close follows
    socket.once('close', () => {
      isOver = true
      resolve({
        statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
        taken: socket.bytesWritten - socket.writableLength,
        seconds: (performance.now() - began) / 1000,
      })
    })
    socket.setTimeout((LIMITS.requestTimeoutMs + 4 * LIMITS.connectionsCheckMs) * 1.5, () => socket.destroy())
    void pour()

    async function pour() {
      for (const piece of pieces) {
        if (isOver || socket.destroyed) return
        const isTaken = socket.write(piece)
        if (everyMs) await new Promise(done => setTimeout(done, everyMs))
        else if (!isTaken)
          await new Promise<void>(done => {
            const next = () => {
              socket.off('drain', next).off('close', next)
              done()
            }
            socket.once('drain', next).once('close', next)
          })
      }
    }
  })
}
