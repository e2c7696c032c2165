// A client of the raw WebSocket that connects again with `after` until the run has ended, and holds every event against the
// one before.
import WebSocket from 'ws'
import type { RunEvent } from '#lib/contract/event'

export interface PersistentClient {
  /** Gaps and duplicates, in sentences. */
  faults: string[]
  last(): number
  /** How often each close code came. */
  codes: Map<number, number>
  connections(): number
  /** Resolves when the run's journal came to its end, or after `stop`. */
  done: Promise<void>
  stop(): void
  /** Ends the connection without a word; it connects again. */
  cut(): void
}

interface Options {
  /** Also changes with a restart of the server. */
  url(): string
  runId: string
  /** Where to begin; default at the first event. */
  after?: number
  onEvent?(event: RunEvent): void
}

const RETRY_MS = 50

export function keepFollowing({ url, runId, after = 0, onEvent }: Options): PersistentClient {
  const faults: string[] = []
  const codes = new Map<number, number>()
  let last = after
  let connections = 0
  let isOver = false
  let socket: WebSocket | undefined

  function take(data: WebSocket.RawData) {
    const event = JSON.parse(data.toString()) as RunEvent // the contract's tests hold its shape
    if (typeof event.seq !== 'number') return
    if (event.seq !== last + 1) faults.push(`run ${runId}: event ${event.seq} came after ${last}`)
    last = Math.max(last, event.seq)
    onEvent?.(event)
    if (event.kind === 'run_end') isOver = true
  }

  function connectOnce(): Promise<void> {
    const address = new URL(`/api/ws/${runId}?after=${last}`, url().replace(/^http/, 'ws'))
    socket = new WebSocket(address)
    connections++
    return new Promise(resolve => {
      socket!.on('message', take)
      socket!.on('error', () => {}) // followed by close
      socket!.on('close', code => {
        codes.set(code, (codes.get(code) ?? 0) + 1)
        resolve()
      })
    })
  }

  async function follow() {
    while (!isOver) {
      await connectOnce()
      if (!isOver) await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
  }

  return {
    faults,
    codes,
    last: () => last,
    connections: () => connections,
    done: follow(),
    stop() {
      isOver = true
      socket?.terminate()
    },
    cut: () => socket?.terminate(),
  }
}
