// Clients that follow runs over the raw WebSocket and over socket.io, come back after each kill with the last number they saw,
// and note whatever a client must never see.
import { io } from 'socket.io-client'
import WebSocket from 'ws'
import { createLive, type LiveSocket } from '#lib/client/live'
import type { RunEvent } from '#lib/contract/event'
import { LIVE_PATH } from '#lib/contract/live'
import type { Life } from './life.ts'
import { aborted } from './requests.ts'

export interface Follower {
  runId: string
  protocol: 'ws' | 'socket.io'
  events: RunEvent[]
  gaps: number
  duplicates: number
  /** The server said that this client knows more than it does. */
  ahead: number
  /** Closed in a way the contract does not know; the first one tells. */
  strange: string | null
  hasEnded: boolean
}

export interface FollowOptions {
  life: Life
  signal: AbortSignal
  onEvents(follower: Follower): void
}

const CLOSE = { ended: 1000, unknownRun: 4404, ahead: 4409 }

const newFollower = (runId: string, protocol: Follower['protocol']): Follower => ({
  runId,
  protocol,
  events: [],
  gaps: 0,
  duplicates: 0,
  ahead: 0,
  strange: null,
  hasEnded: false,
})

function take(follower: Follower, event: RunEvent) {
  const last = follower.events.at(-1)?.seq ?? 0
  if (event.seq <= last) {
    follower.duplicates += 1
    return
  }
  if (event.seq !== last + 1) follower.gaps += 1
  follower.events.push(event)
}

/** Resolves when the run has ended for this client, or the signal aborts. */
export async function followByWebSocket(runId: string, options: FollowOptions): Promise<Follower> {
  const { life, signal } = options
  const follower = newFollower(runId, 'ws')
  const gone = aborted(signal)
  while (!follower.hasEnded && follower.ahead === 0 && !signal.aborted) {
    await Promise.race([life.up(), gone])
    await connectOnce(follower, options)
  }
  return follower
}

function connectOnce(follower: Follower, { life, signal, onEvents }: FollowOptions): Promise<void> {
  const after = follower.events.at(-1)?.seq ?? 0
  const url = `${life.url.replace('http', 'ws')}/api/ws/${follower.runId}?after=${after}`
  if (signal.aborted) return Promise.resolve()
  const socket = new WebSocket(url, { perMessageDeflate: false })
  const stop = () => socket.terminate()
  signal.addEventListener('abort', stop, { once: true })
  return new Promise(resolve => {
    socket.on('error', () => {}) // «close» follows
    socket.on('message', data => {
      const frame = JSON.parse(data.toString()) as RunEvent
      if (typeof frame.seq !== 'number') return
      take(follower, frame)
      onEvents(follower)
    })
    socket.on('close', code => {
      signal.removeEventListener('abort', stop)
      if (code === CLOSE.ended) follower.hasEnded = true
      else if (code === CLOSE.ahead) follower.ahead += 1
      else if (code === CLOSE.unknownRun) follower.strange ??= 'an acknowledged run is unknown'
      resolve()
    })
  })
}

/** The same over socket.io, with the dashboard's own client. */
export async function followBySocketIo(runId: string, options: FollowOptions): Promise<Follower> {
  const { life, signal, onEvents } = options
  const follower = newFollower(runId, 'socket.io')
  const live = createLive({
    async open() {
      const socket: LiveSocket = io(life.url, {
        path: LIVE_PATH,
        transports: ['websocket'],
        autoConnect: false,
        reconnection: false,
        forceNew: true,
      })
      return socket
    },
  })
  // It waits longer after each failure; as soon as the server is back there is no reason to.
  const timer = setInterval(() => {
    if (life.isUp()) live.retry()
  }, 50)
  const ended = new Promise<void>(resolve => {
    live.watchRun(
      runId,
      0,
      events => {
        for (const event of events) take(follower, event)
        onEvents(follower)
        if (events.at(-1)?.kind !== 'run_end') return
        follower.hasEnded = true
        resolve()
      },
      undefined,
      notice => {
        if (notice.kind === 'refused') follower.strange ??= notice.error
      },
    )
  })
  await Promise.race([ended, aborted(signal)])
  clearInterval(timer)
  live.close()
  return follower
}
