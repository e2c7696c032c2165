// Requests as a careful script makes them: again, after whatever became of the last try, until there is an answer.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Life } from './life.ts'

export interface Reply {
  status: number
  json: Record<string, unknown>
}

export interface Requests {
  /** Answers below 500 other than 429, or null when it was given up. */
  persist(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply | null>
  /** One try; null when there was no answer. */
  attempt(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply | null>
  /** Answers that say the server failed. */
  failures: string[]
  giveUp(): void
}

const AGAIN_MS = 15
/** The queue is full: it will be for a while. */
const FULL_MS = 500
const NO_ANSWER_MS = 15_000

export function createRequests(life: Life): Requests {
  const over = new AbortController()
  setMaxListeners(0, over.signal) // each request in flight listens
  const gone = aborted(over.signal)
  const failures: string[] = []

  async function attempt(method: string, path: string, body?: unknown, headers = {}): Promise<Reply | null> {
    try {
      const response = await fetch(life.url + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([over.signal, AbortSignal.timeout(NO_ANSWER_MS)]),
      })
      const json = (await response.json()) as Record<string, unknown>
      if (response.status >= 500 && response.status !== 503)
        failures.push(`${method} ${path}: ${response.status} ${JSON.stringify(json).slice(0, 300)}`)
      return { status: response.status, json }
    } catch {
      return null // the server died, or dies
    }
  }

  return {
    attempt,
    async persist(method, path, body, headers) {
      while (!over.signal.aborted) {
        await Promise.race([life.up(), gone])
        const reply = await attempt(method, path, body, headers)
        if (reply && reply.status < 500 && reply.status !== 429) return reply
        await sleep(reply?.status === 429 ? FULL_MS : AGAIN_MS)
      }
      return null
    },
    failures,
    giveUp: () => over.abort(),
  }
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
