// Requests as a careful script makes them: again, after whatever became of the last try, until there is an answer.
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
const NO_ANSWER_MS = 30_000

export function createRequests(life: Life): Requests {
  const over = new AbortController()
  const gone = aborted(over.signal)
  const failures: string[] = []

  async function attempt(method: string, path: string, body?: unknown, headers = {}): Promise<Reply | null> {
    // Held here: a signal made by AbortSignal.any may be collected as garbage before it fires.
    const controller = new AbortController()
    const late = setTimeout(() => {
      failures.push(`${method} ${path}: no answer within ${NO_ANSWER_MS / 1000} s`)
      controller.abort()
    }, NO_ANSWER_MS)
    const tried = tryOnce(method, path, body, headers, controller.signal).catch(() => null) // it died, or dies
    const reply = await Promise.race([
      tried,
      gone.then(() => null),
      aborted(controller.signal).then(() => null),
    ])
    clearTimeout(late)
    controller.abort()
    if (reply && reply.status >= 500 && reply.status !== 503)
      failures.push(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.json).slice(0, 300)}`)
    return reply
  }

  async function tryOnce(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const response = await fetch(life.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
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
