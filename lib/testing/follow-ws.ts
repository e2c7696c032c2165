// A client of the raw WebSocket that remembers everything it was told.
import WebSocket from 'ws'
import type { EphemeralEvent, RunEvent } from '#lib/contract/event'

export interface Follower {
  /** Stored events, in the order they came. */
  events: RunEvent[]
  /** Frames without `seq`. */
  ephemeral: EphemeralEvent[]
  /** Frames that are no event: `{ "error": … }`. */
  others: unknown[]
  closed: Promise<{ code: number; reason: string }>
  /** Resolves once the connection is open; rejects with the status when it was refused. */
  opened: Promise<void>
  socket: WebSocket
  close(): Promise<void>
}

export function followWs(
  url: string,
  runId: string,
  options: { after?: number | string; deltas?: boolean; headers?: Record<string, string> } = {},
): Follower {
  const address = new URL(`/api/ws/${runId}`, url.replace(/^http/, 'ws'))
  if (options.after !== undefined) address.searchParams.set('after', String(options.after))
  if (options.deltas) address.searchParams.set('deltas', '1')
  const socket = new WebSocket(address, { headers: options.headers })
  const follower: Follower = {
    events: [],
    ephemeral: [],
    others: [],
    socket,
    closed: new Promise(resolve => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    }),
    opened: new Promise((resolve, reject) => {
      socket.on('open', () => resolve())
      socket.on('error', reject)
    }),
    async close() {
      socket.terminate()
      await follower.closed
    },
  }
  // Who does not wait for it to open learns of a refusal from `closed`.
  follower.opened.catch(() => {})
  socket.on('message', (data, isBinary) => {
    if (isBinary) throw new Error('a frame came as binary')
    const frame = JSON.parse(data.toString()) as Record<string, unknown>
    if (typeof frame.seq === 'number') follower.events.push(frame as unknown as RunEvent)
    else if (typeof frame.kind === 'string') follower.ephemeral.push(frame as unknown as EphemeralEvent)
    else follower.others.push(frame)
  })
  return follower
}
