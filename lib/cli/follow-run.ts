// Events of a run over the raw WebSocket, as any other program would read them: reconnects by itself and goes on after
// the last event it has.
import { on, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import type { RunEvent } from '#lib/contract/event'
import { getRun } from '#lib/contract/runs'
import { CliError } from './cli-error.ts'
import { authorization, type Client, unreachable } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { PATIENCE_MS, patiently } from './patiently.ts'

const ENDED = 1000
const UNKNOWN_RUN = 4404
const REFUSED = [4400, 4409]
const LONGEST_WAIT_MS = 5000

export interface FollowOptions {
  client: Client
  runId: string
  /** Events with a larger seq; default 0, the whole history. */
  after?: number
  signal?: AbortSignal
  /** How long a server may be out of reach before this gives up. */
  patienceMs?: number
  /** The connection was lost; said once until it is there again. */
  onReconnect?(): void
}

/**
 * Every event after `after`, in order, without gap or duplicate; returns after the last one. Throws the signal's reason,
 * or CliError when there is no such run or the server stays away.
 */
export async function* followRun(options: FollowOptions): AsyncGenerator<RunEvent> {
  const { client, runId, signal, patienceMs = PATIENCE_MS, onReconnect } = options
  let after = options.after ?? 0
  let lostAt: number | null = null
  let waitMs = 100
  for (;;) {
    signal?.throwIfAborted()
    const connection = connect(client, runId, after)
    try {
      for await (const event of connection.events(signal)) {
        if (event.seq <= after) continue
        after = event.seq
        yield event
      }
    } finally {
      connection.end()
    }
    signal?.throwIfAborted()
    const { code, reason, failure, wasOpen } = connection.closing()
    if (code === ENDED) return
    if (code === UNKNOWN_RUN) throw new CliError(EXIT.notFound, reason || `Run not found: ${runId}`)
    if (code !== undefined && REFUSED.includes(code)) throw new CliError(EXIT.error, reason)
    // A refused handshake has no reason to read; the same question by REST has (wrong token, unknown run).
    if (failure && /server response: 4\d\d/.test(failure.message)) {
      const ask = () => client.call(getRun, { params: { run_id: runId } })
      await patiently(ask, { signal, patienceMs })
    }
    if (wasOpen) {
      lostAt = null
      waitMs = 100
    }
    // Since it is out of reach, not since the last event: a run may say nothing for an hour.
    if (lostAt === null) onReconnect?.()
    const now = performance.now()
    lostAt ??= now
    if (now - lostAt > patienceMs) throw unreachable(client.server, failure ?? reason)
    await sleep(waitMs, undefined, { signal }).catch(() => {})
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  }
}

function connect({ server, token }: Client, runId: string, after: number) {
  const url = `${server.replace(/^http/, 'ws')}/api/ws/${encodeURIComponent(runId)}?after=${after}`
  const socket = new WebSocket(url, { headers: authorization(token), perMessageDeflate: false })
  let code: number | undefined
  let reason = ''
  let wasOpen = false
  let failure: Error | null = null
  socket.on('open', () => {
    wasOpen = true
  })
  socket.on('close', (given, text) => {
    code = given
    reason = text.toString()
  })
  // Without a listener an error would end the process; the close that follows it ends the loop.
  socket.on('error', error => {
    failure = error
  })

  return {
    closing: () => ({ code, reason, wasOpen, failure: failure as Error | null }), // assigned in a listener, which types cannot see
    async *events(signal: AbortSignal | undefined): AsyncGenerator<RunEvent> {
      const frames = new AbortController()
      const stop = () => frames.abort()
      signal?.addEventListener('abort', stop)
      try {
        const messages = on(socket, 'message', {
          close: ['close'],
          signal: frames.signal,
          // A long history is read as fast as it is printed, not held in memory.
          highWaterMark: 512,
          lowWaterMark: 128,
        })
        for await (const [data] of messages) {
          const event = parseEvent(String(data))
          if (event) yield event
        }
      } catch (error) {
        // An error of the socket, or the signal: the caller looks at both.
        if (!frames.signal.aborted) failure ??= error instanceof Error ? error : new Error(String(error))
      } finally {
        signal?.removeEventListener('abort', stop)
      }
      if (!signal?.aborted && code === undefined && socket.readyState !== WebSocket.CLOSED) {
        socket.terminate()
        await once(socket, 'close')
      }
    },
    end() {
      if (socket.readyState !== WebSocket.CLOSED) socket.terminate()
    },
  }
}

/** Null for what is no event: the frame that says why a run cannot be followed. */
function parseEvent(text: string): RunEvent | null {
  const value: unknown = JSON.parse(text)
  const isEvent = typeof value === 'object' && value !== null && 'kind' in value && 'seq' in value
  // The server wrote it by the same contract; kinds of a newer one are skipped where they are printed.
  return isEvent ? (value as RunEvent) : null
}
