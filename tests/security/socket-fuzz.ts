// Frames that break the rules of WebSocket, and messages that break those of engine.io and socket.io: the connection ends, the
// server does not.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { LIVE_PATH } from '#lib/contract/live'
import { api } from '#lib/testing/api'
import { startServer } from '#lib/testing/server'
import { createRandom, type Random } from '../reliability/random.ts'
import type { Scenario } from '../reliability/scenario.ts'
import { residentMiB, restingMiB } from './memory.ts'

const FRAMES = { quick: 1_000, full: 10_000 }
/** Connections before anything is measured: code is compiled, pools are filled. */
const WARM = { quick: 50, full: 500 }
const FRAMES_EACH = 5
const WORKERS = 8
const MAY_GROW_MIB = { quick: 64, full: 16 }
const NO_RUN = '00000000-0000-4000-8000-000000000000'

export const socketFuzz: Scenario = {
  name: 'socket-fuzz',
  promise: 'S16: no frame of a WebSocket or socket.io client brings the server down or stays in its memory',
  async run({ seed, scale }) {
    // A small heap: what a lazy collector leaves lying about is not what an attack costs.
    const server = await startServer({
      env: { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8' },
    })
    const broken: string[] = []
    const codes = new Map<string, number>()
    try {
      const random = createRandom(seed, 'socket-fuzz')
      const round = async () => {
        const how = await attack(server.url, random)
        codes.set(how, (codes.get(how) ?? 0) + 1)
      }
      for (let at = 0; at < WARM[scale]; at++) await round()
      const before = residentMiB(server.pid) ?? 0
      let left = FRAMES[scale] / FRAMES_EACH
      const worker = async () => {
        while (left-- > 0) await round()
      }
      await Promise.all(Array.from({ length: WORKERS }, worker))
      const peak = residentMiB(server.pid) ?? 0
      const after = await restingMiB(server.pid, {
        below: before + 8,
        withinMs: scale === 'quick' ? 3_000 : 30_000,
      })
      if (after > before + MAY_GROW_MIB[scale])
        broken.push(`memory went from ${before.toFixed(0)} to ${after.toFixed(0)} MiB`)
      const list = await api(server.url).request('GET', '/api/runs')
      if (list.status !== 200) broken.push(`afterwards GET /api/runs answers ${list.status}`)
      const faults = server
        .stderr()
        .split('\n')
        .filter(line => /"level":(?:50|60)/.test(line))
      if (faults.length > 0)
        broken.push(`${faults.length} faults in the log, the first: ${faults[0]!.slice(0, 300)}`)
      const opened = [...codes].reduce((sum, [how, count]) => sum + (how.startsWith('101') ? count : 0), 0)
      if (opened < FRAMES[scale] / FRAMES_EACH / 2)
        broken.push(`only ${opened} connections were opened: the test tests too little`)
      return {
        figures: {
          frames: FRAMES[scale],
          'how connections ended': [...codes].map(([how, count]) => `${how}×${count}`).join(' '),
          'MiB before, at the end, after': `${before.toFixed(0)}, ${peak.toFixed(0)}, ${after.toFixed(0)}`,
        },
        broken,
      }
    } finally {
      await server.close()
    }
  },
}

/** Opens one connection, sends what it should not, and says how it ended: the status, and the close code if one came. */
function attack(url: string, random: Random): Promise<string> {
  const { hostname, port, host } = new URL(url)
  const isLive = random.chance(0.5)
  const path = isLive
    ? `${LIVE_PATH}/?EIO=4&transport=websocket`
    : `/api/ws/${random.chance(0.9) ? NO_RUN : '%'}`
  const frames = Array.from({ length: FRAMES_EACH }, () =>
    isLive && random.chance(0.6) ? frame(0x81, oddMessage(random)) : oddFrame(random),
  )
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    let received = Buffer.alloc(0)
    let isOpen = false
    const done = () => {
      clearTimeout(timer)
      socket.destroy()
      const status = /^HTTP\/1\.1 (\d{3})/.exec(received.toString('latin1'))?.[1] ?? 'nothing'
      resolve(status)
    }
    // Who breaks no rule is left alone.
    const timer = setTimeout(done, 400)
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (!isOpen && received.includes('\r\n\r\n')) {
        isOpen = true
        for (const bytes of frames) socket.write(bytes)
      }
    })
    socket.once('error', done).once('close', done)
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        '',
        '',
      ].join('\r\n'),
    )
  })
}

function frame(
  first: number,
  payload: Buffer | string,
  { masked = true, length }: { masked?: boolean; length?: bigint } = {},
): Buffer {
  const data = Buffer.from(payload)
  const size = length ?? BigInt(data.length)
  const mask = masked ? 0x80 : 0
  const head =
    size < 126n
      ? Buffer.from([first, mask | Number(size)])
      : size < 65_536n
        ? Buffer.from([first, mask | 126, Number(size >> 8n), Number(size & 255n)])
        : Buffer.concat([Buffer.from([first, mask | 127]), bigEndian(size)])
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, ...(masked ? [Buffer.alloc(4)] : []), data])
}

function bigEndian(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value & 0xffffffffffffffffn)
  return bytes
}

function oddFrame(random: Random): Buffer {
  const some = (length: number) => Buffer.from(Array.from({ length }, () => random.between(0, 255)))
  switch (random.between(0, 11)) {
    case 0:
      return some(random.between(1, 200))
    case 1:
      return frame(0x80 | random.between(3, 7), some(4)) // an opcode that is none
    case 2:
      return frame(0xc1, some(20)) // compressed, though that was not agreed on
    case 3:
      return frame(0x81, 'x', { masked: false })
    case 4:
      return frame(0x81, Buffer.from([0xff, 0xfe, 0xc0])) // no UTF-8
    case 5:
      return frame(0x82, some(10), { length: 99_000_000n })
    case 6:
      return frame(0x82, some(10), { length: 0xffffffffffffffffn })
    case 7:
      return Buffer.concat(Array.from({ length: 500 }, (_, at) => frame(at === 0 ? 0x01 : 0x00, 'x'))) // never final
    case 8:
      return frame(0x89, some(126)) // a ping that is too long
    case 9:
      return frame(
        0x88,
        random.pick([
          some(1),
          Buffer.from([0x03, 0xed]),
          Buffer.from([0, 0]),
          Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from([0xff])]),
        ]),
      )
    case 10:
      return frame(0x80, 'goes on with nothing')
    default:
      return frame(0x81, Buffer.alloc(70_000, 'x'))
  }
}

/** engine.io and socket.io in a text frame. */
function oddMessage(random: Random): string {
  const event = random.pick([
    'watch_run',
    'watch_runs',
    'unwatch_run',
    'connect',
    'disconnect',
    'disconnecting',
    'error',
    '__proto__',
    'constructor',
  ])
  const argument = random.pick([
    'null',
    '{}',
    '[]',
    '1',
    '"x"',
    '{"run_id":1,"after":"x"}',
    `{"run_id":"${NO_RUN}","after":-1}`,
    `{"run_id":"${NO_RUN}","after":0}`,
    '{"__proto__":{"a":1}}',
    '{"toString":1}',
    '{"_placeholder":true,"num":0}',
    '{"_placeholder":true,"num":-1}',
    '['.repeat(5000),
  ])
  return random.pick([
    '40',
    '40{"token":"x"}',
    `42["${event}",${argument}]`,
    `40${' '.repeat(3)}`,
    `42${random.between(0, 99)}["${event}",${argument}]`,
    '43["ack"]',
    `430[${argument}]`,
    `45${random.between(0, 99_999)}-["${event}",{"_placeholder":true,"num":0}]`,
    '451-["x",{"_placeholder":true,"num":"splice"}]',
    '42["watch_run"',
    '42[]',
    '42{}',
    '4',
    '49',
    '2probe',
    '5',
    '6',
    '0{"sid":"x"}',
    '1',
    '40/admin,',
    `40/${'x'.repeat(5000)},`,
    '42[["watch_run"]]',
    '42[{"toString":"x"}]',
    `b${'A'.repeat(100)}`,
    '\u0000',
  ])
}
