// Requests byte by byte, with heads that no client library would send.
import { connect } from 'node:net'

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  status: number
  text: string
}

export const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** Resolves with what came until the head of an answer was whole, or the connection ended. */
export function askRaw(
  url: string,
  {
    target,
    headers,
    method = 'GET',
    body = '',
  }: { target: string; headers: string[]; method?: string; body?: string },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    const done = () => {
      socket.destroy()
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${method} ${target}`)))
    socket.setEncoding('latin1')
    socket.on('data', chunk => {
      text += chunk
      const end = text.indexOf('\r\n\r\n')
      const length = /content-length: (\d+)/i.exec(text)?.[1]
      if (end !== -1 && (text.startsWith('HTTP/1.1 101') || text.length >= end + 4 + Number(length ?? 0)))
        done()
    })
    socket.once('close', done)
    socket.once('error', error => (text === '' && isReset(error) ? done() : reject(error)))
    socket.write(`${[`${method} ${target} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n${body}`, 'latin1')
  })
}

const isReset = (error: Error) =>
  ['ECONNRESET', 'EPIPE'].includes(String((error as NodeJS.ErrnoException).code))
