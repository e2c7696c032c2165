// A server that answers each connection with the bytes a test names, right or wrong: what no HTTP library would let one send.
import { createServer, type Socket } from 'node:net'

export interface WireAnswer {
  /** Written one after the other, each as a packet of its own. */
  pieces: Iterable<Buffer | string> | AsyncIterable<Buffer | string>
  /** What follows: a proper end, a reset, or nothing. */
  after?: 'end' | 'reset' | 'hang'
}

export interface WireServer {
  url: string
  /** Requests so far, headers and body. */
  requests: string[]
  open(): number
  close(): Promise<void>
}

/** Answers by request; the last one repeats. */
export async function startWireServer(answers: WireAnswer[]): Promise<WireServer> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Clients that turn away are what many of these answers deserve.
    socket.on('error', () => {})
    let request = ''
    socket.on('data', chunk => {
      request += chunk
      if (!isWhole(request)) return
      requests.push(request)
      request = ''
      void send(socket, answers[Math.min(requests.length, answers.length) - 1]!)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number } // it listens on a port

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    open: () => sockets.size,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function isWhole(request: string): boolean {
  const [head = '', body = ''] = request.split(/\r\n\r\n(.*)/s)
  const length = /^content-length: (\d+)$/im.exec(head)?.[1]
  return request.includes('\r\n\r\n') && Buffer.byteLength(body) >= Number(length ?? 0)
}

async function send(socket: Socket, { pieces, after = 'end' }: WireAnswer): Promise<void> {
  for await (const piece of pieces) {
    if (socket.destroyed) return
    await new Promise(resolve => socket.write(piece, resolve))
    await new Promise(resolve => setImmediate(resolve))
  }
  if (after === 'end') socket.end()
  if (after === 'reset') socket.resetAndDestroy()
}

/** The head of an answer that ends with its connection. */
export const head = (status: number | string, headers: Record<string, string> = {}): string =>
  [
    `HTTP/1.1 ${status} Said`,
    ...Object.entries({ connection: 'close', ...headers }).map(pair => pair.join(': ')),
    '\r\n',
  ].join('\r\n')

export const STREAM_HEAD = head(200, { 'content-type': 'text/event-stream' })

export const sse = (data: unknown): string =>
  `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
