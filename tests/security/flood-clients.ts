// What a malicious client of the sockets does, each for as long as it is let: the server's limits end it.
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { LIVE_PATH } from '#lib/contract/live'
import { UPGRADE } from './raw-request.ts'

export interface FloodTarget {
  url: string
  /** A run with a long history. */
  runId: string
}

export interface Flood {
  name: string
  /** Goes on until the signal aborts; resolves with what it did, in numbers. */
  run(target: FloodTarget, signal: AbortSignal): Promise<string>
}

const PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0])

/** Opens connections one after the other, `parallel` at a time, and lets `use` do with each what it likes. */
async function again(signal: AbortSignal, parallel: number, once: () => Promise<void>): Promise<number> {
  let count = 0
  const worker = async () => {
    while (!signal.aborted) {
      await once()
      count++
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return count
}

/** Resolves with an open socket on which the WebSocket was agreed on; null when it was refused. */
const open = (url: string, path: string, signal: AbortSignal, extra: string[] = []) =>
  ask(url, path, signal, { headers: [...UPGRADE, ...extra], agreed: 'HTTP/1.1 101' })

/** Resolves with the socket on which events begin to come. */
const openStream = ({ url, runId }: FloodTarget, signal: AbortSignal) =>
  ask(url, `/api/runs/${runId}/events`, signal, {
    headers: ['Accept: text/event-stream'],
    agreed: 'HTTP/1.1 200',
  })

function ask(
  url: string,
  path: string,
  signal: AbortSignal,
  { headers, agreed }: { headers: string[]; agreed: string },
): Promise<Socket | null> {
  const { hostname, port, host } = new URL(url)
  return new Promise(resolve => {
    const socket = connect(Number(port), hostname)
    const stop = () => socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    socket.once('close', () => {
      signal.removeEventListener('abort', stop)
      resolve(null)
    })
    socket.on('error', () => {}) // close follows
    socket.once('data', head => resolve(head.toString('latin1').startsWith(agreed) ? socket : null))
    socket.write([`GET ${path} HTTP/1.1`, `Host: ${host}`, ...headers, '', ''].join('\r\n'))
  })
}

/** Writes as fast as it is taken, until the connection ends. Resolves with the bytes that were taken. */
function pour(socket: Socket, piece: Buffer, most: number, signal: AbortSignal): Promise<number> {
  return new Promise(resolve => {
    socket.resume()
    const done = () => resolve(socket.bytesWritten)
    socket.once('close', done)
    const more = () => {
      while (!socket.destroyed && socket.bytesWritten < most) if (!socket.write(piece)) return
      if (socket.bytesWritten >= most || signal.aborted) socket.destroy()
    }
    socket.on('drain', more)
    more()
  })
}

const paths = ({ runId }: FloodTarget) => [`/api/ws/${runId}`, `${LIVE_PATH}/?EIO=4&transport=websocket`]

function head(first: number, length: number): Buffer {
  const bytes = Buffer.alloc(14)
  bytes.writeUInt8(first, 0)
  bytes.writeUInt8(0xff, 1)
  bytes.writeBigUInt64BE(BigInt(length), 2)
  return bytes // the mask is four zeros
}

const ONE_BYTE = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x78])
/** Unpacked a thousand times as large. */
const BOMB = deflateRawSync(Buffer.alloc(60_000_000))

export const FLOODS: Flood[] = [
  {
    name: 'a frame of 99 MB',
    async run(target, signal) {
      let bytes = 0
      const count = await again(signal, 4, async () => {
        for (const path of paths(target)) {
          const socket = await open(target.url, path, signal)
          if (!socket) continue
          socket.write(head(0x82, 99_000_000))
          bytes += await pour(socket, randomBytes(65_536), 99_000_000, signal)
        }
      })
      return `${count * 2} times, ${(bytes / 1e6).toFixed(0)} MB were taken`
    },
  },
  {
    name: 'fragments of one byte',
    async run(target, signal) {
      let bytes = 0
      const many = Buffer.concat(Array.from({ length: 5000 }, () => ONE_BYTE))
      await again(signal, 4, async () => {
        for (const path of paths(target)) {
          const socket = await open(target.url, path, signal)
          if (!socket) continue
          socket.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x78]))
          bytes += await pour(socket, many, 10_000_000, signal)
        }
      })
      return `${(bytes / ONE_BYTE.length).toFixed(0)} fragments were sent`
    },
  },
  {
    name: 'pings without end',
    async run(target, signal) {
      let bytes = 0
      const many = Buffer.concat(Array.from({ length: 2000 }, () => PING))
      await again(signal, 2, async () => {
        const socket = await open(target.url, paths(target)[0]!, signal)
        if (socket) bytes += await pour(socket, many, 2_000_000, signal)
      })
      return `${(bytes / PING.length).toFixed(0)} pings were sent`
    },
  },
  {
    name: 'frames that unpack to a thousand times their size',
    async run(target, signal) {
      let agreed = 0
      const count = await again(signal, 4, async () => {
        for (const path of paths(target)) {
          const socket = await open(target.url, path, signal, [
            'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
          ])
          if (!socket) continue
          agreed++
          await pour(socket, Buffer.concat([head(0xc2, BOMB.length), BOMB]), BOMB.length * 4, signal)
        }
      })
      return `${count * 2} times, ${agreed} connections took it`
    },
  },
  {
    name: 'readers that do not read',
    async run(target, signal) {
      const sockets = await Promise.all(
        Array.from({ length: 32 }, (_, at) => open(target.url, paths(target)[at % 2]!, signal)),
      )
      for (const [at, socket] of sockets.entries()) {
        socket?.pause()
        if (at % 2 === 1) {
          const watch = `42["watch_run",{"run_id":"${target.runId}","after":0}]`
          socket?.write(text('40'))
          socket?.write(text(watch))
        }
      }
      await aborted(signal)
      return `${sockets.filter(socket => socket !== null).length} of them`
    },
  },
  {
    name: 'event streams that nobody reads',
    async run(target, signal) {
      const sockets = await Promise.all(Array.from({ length: 16 }, () => openStream(target, signal)))
      for (const socket of sockets) socket?.pause()
      await aborted(signal)
      return `${sockets.filter(socket => socket !== null).length} of them`
    },
  },
  {
    name: 'connections that never end a head',
    async run({ url }, signal) {
      const { hostname, port, host } = new URL(url)
      let count = 0
      const live = new Set<Socket>()
      while (!signal.aborted) {
        for (let at = 0; at < 50 && live.size < 3000; at++) {
          const socket = connect(Number(port), hostname)
          live.add(socket)
          count++
          socket.on('error', () => {}) // close follows
          socket.once('close', () => live.delete(socket))
          if (count % 3 > 0) socket.write(`GET /api/ws/x HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n`)
        }
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      for (const socket of live) socket.destroy()
      return `${count} connections, ${live.size} of them open at the end`
    },
  },
  {
    name: 'thousands of sockets',
    async run(target, signal) {
      const [raw, live] = paths(target)
      const opened: (Socket | null)[] = []
      while (!signal.aborted && opened.length < 3000) {
        const batch = Array.from({ length: 20 }, (_, at) => open(target.url, at % 2 ? raw! : live!, signal))
        opened.push(...(await Promise.all(batch)))
      }
      await aborted(signal)
      const held = opened.filter(socket => socket !== null).length
      for (const socket of opened) socket?.destroy()
      return `${held} of ${opened.length} were let in`
    },
  },
  {
    name: 'half a connection',
    async run(target, signal) {
      // Opened, then never heard of again: neither a pong nor an end.
      const sockets = await Promise.all(
        Array.from({ length: 100 }, () => open(target.url, paths(target)[0]!, signal)),
      )
      for (const socket of sockets) {
        socket?.pause()
        socket?.end()
      }
      await aborted(signal)
      return `${sockets.filter(socket => socket !== null).length} of them`
    },
  },
]

function text(content: string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes])
}

const aborted = (signal: AbortSignal) =>
  signal.aborted
    ? Promise.resolve()
    : new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
