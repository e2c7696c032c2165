// Tells a receiver of the person's choice what happened, at least once each: what is to be told is stored with the event, and
// forgotten once it was taken. One message at a time, so that a receiver that is slow or gone costs a connection and nothing else.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '#lib/contract/event'
import type { WebhookMessage, WebhookStatus, WebhookTest } from '#lib/contract/webhook'
import { AppError, messageOf as errorText } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Delivery, Store } from '#lib/store/types'
import { isRepeatedPause } from './is-repeated-pause.ts'
import { messageOf, TOLD, testMessage } from './message-of.ts'
import { post } from './post.ts'
import { signedHeaders } from './sign.ts'

const FIRST_RETRY_MS = 1000
/** After the database failed. */
const STUCK_MS = 5000
/** More than those that have to wait: among them is one that is due, if there is one. */
const LOOKED_AT = 10

export interface WebhookParts {
  url: string
  secret: string | null
  store: Pick<
    Store,
    'listDeliveries' | 'countDeliveries' | 'dropDelivery' | 'readEvents' | 'getRun' | 'getGate'
  >
  /** Where people reach the dashboard; asked when something is sent. */
  base(): string
  redact<T>(value: T): T
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
  timing?: { firstRetryMs?: number; timeoutMs?: number }
}

export interface Webhook {
  /** Call with what was stored. Never throws. */
  observe(events: RunEvent[]): void
  /** Begins with what an earlier server left. */
  start(): void
  status(): Promise<WebhookStatus>
  /** Rejects with `conflict` while another test is under way. */
  test(): Promise<WebhookTest>
  /** Lets go of an attempt that is under way; it is made again by the next server. */
  close(): Promise<void>
}

export function createWebhook(parts: WebhookParts): Webhook {
  const { url, secret, store, log, redact } = parts
  const { firstRetryMs = FIRST_RETRY_MS, timeoutMs } = parts.timing ?? {}
  const stop = new AbortController()
  /** Of a delivery that failed: how often, when it may be tried again, and whether the receiver was to blame. */
  const failed = new Map<string, { times: number; notBefore: number; isDown: boolean }>()
  /** Of the receiver: how often in a row, whatever was sent. */
  let down = { times: 0, notBefore: 0 }
  let last: WebhookStatus['last'] = null
  let nudge = new AbortController()
  let working: Promise<void> | null = null
  let isTesting = false

  function wake() {
    const old = nudge
    nudge = new AbortController()
    old.abort()
  }

  const backoff = (times: number, asked: number | null) =>
    Math.min(LIMITS.webhookRetryMs, Math.max(asked ?? 0, firstRetryMs * 2 ** Math.min(times - 1, 20)))

  async function attempt(message: WebhookMessage) {
    const body = JSON.stringify(redact(message))
    const headers = signedHeaders({ id: message.id, body, secret }, Date.now())
    const result = await post({ url, headers, body, signal: stop.signal, ...(timeoutMs && { timeoutMs }) })
    if (!stop.signal.aborted)
      last = { at: `${new Date().toISOString().slice(0, 19)}Z`, ok: result.ok, detail: result.detail }
    return result
  }

  /** null: there is nothing to say. */
  async function messageFor({ runId, seq }: Delivery): Promise<WebhookMessage | null> {
    const [[event], record] = await Promise.all([
      store.readEvents(runId, { after: seq - 1, limit: 1 }),
      store.getRun(runId),
    ])
    if (event?.seq !== seq || !record) return null
    if (event.kind === 'paused' && (await isRepeatedPause(event, store))) return null
    const gate = event.kind === 'human_check_required' ? await store.getGate(event.payload.gate_id) : null
    return messageOf(event, {
      record,
      base: parts.base(),
      isDecided: gate !== null && gate.decision !== null,
    })
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const key = keyOf(delivery)
    const message = await messageFor(delivery)
    const result = message && (await attempt(message))
    if (stop.signal.aborted) return
    if (!result || result.ok) {
      failed.delete(key)
      if (result) isBack()
      return store.dropDelivery(delivery)
    }
    const times = (failed.get(key)?.times ?? 0) + 1
    if (Date.now() - delivery.createdAt > LIMITS.webhookGiveUpMs) {
      failed.delete(key)
      log('warn', 'the webhook was not told', {
        run_id: delivery.runId,
        seq: delivery.seq,
        why: result.detail,
      })
      return store.dropDelivery(delivery)
    }
    const now = performance.now()
    const isDown = result.status === null || result.status >= 500 || result.status === 429
    failed.set(key, { times, notBefore: now + backoff(times, result.retryAfterMs), isDown })
    down = { times: down.times + 1, notBefore: now + backoff(down.times + 1, result.retryAfterMs) }
    if (down.times === 1) log('warn', 'the webhook cannot be told; trying again', { why: result.detail })
  }

  /** It can be reached: what failed because it could not need not wait any longer. */
  function isBack() {
    if (down.times === 0) return
    down = { times: 0, notBefore: 0 }
    for (const one of failed.values()) if (one.isDown) one.notBefore = 0
  }

  /** What is due now, or how long until something may be; null: nothing is left. */
  async function next(): Promise<Delivery | number | null> {
    const wait = down.notBefore - performance.now()
    if (wait > 0) return wait
    const left = await store.listDeliveries(failed.size + LOOKED_AT)
    if (left.length === 0) return null
    const now = performance.now()
    const times = left.map(delivery => failed.get(keyOf(delivery))?.notBefore ?? 0)
    const due = times.findIndex(time => time <= now)
    return due >= 0 ? left[due]! : Math.min(...times) - now // findIndex found it in a list as long
  }

  async function work(): Promise<void> {
    while (!stop.signal.aborted) {
      const nudged = nudge.signal
      const found = await next().catch(error => {
        log('error', 'what the webhook is to be told cannot be read', { error: errorText(error) })
        return STUCK_MS
      })
      if (typeof found === 'object' && found !== null) {
        await deliver(found).catch(async error => {
          log('error', 'the webhook could not be told', { error: errorText(error) })
          // Others may be told meanwhile.
          const times = (failed.get(keyOf(found))?.times ?? 0) + 1
          failed.set(keyOf(found), {
            times,
            notBefore: performance.now() + backoff(times, null),
            isDown: false,
          })
          if (Date.now() - found.createdAt > LIMITS.webhookGiveUpMs)
            await store.dropDelivery(found).catch(() => {})
          await pause(STUCK_MS, stop.signal)
        })
      } else await pause(found, AbortSignal.any([nudged, stop.signal]))
    }
  }

  return {
    observe(events) {
      if (events.some(({ kind }) => TOLD.some(told => told === kind))) wake()
    },
    start() {
      working ??= work()
    },
    status: async () => ({
      configured: true,
      url: shownUrl(url),
      signed: secret !== null,
      pending: await store.countDeliveries(),
      last,
    }),
    async test() {
      if (isTesting) throw new AppError('conflict', 'A test is being sent already; wait for its end')
      isTesting = true
      const began = performance.now()
      try {
        const { ok, status, detail } = await attempt(testMessage(randomUUID(), parts.base(), Date.now()))
        if (ok) {
          isBack()
          wake()
        }
        return { delivered: ok, status, detail, duration_ms: Math.round(performance.now() - began) }
      } finally {
        isTesting = false
      }
    },
    async close() {
      stop.abort()
      await working
    },
  }
}

const keyOf = ({ runId, seq }: Delivery) => `${runId}.${seq}`

/** Without path, search and user: in many services these are what lets one in. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url)
  return pathname === '/' && search === '' ? origin : `${origin}/…`
}

/** Until the time is over or the signal comes; null: only the signal. */
async function pause(ms: number | null, signal: AbortSignal): Promise<void> {
  const longest = 2 ** 31 - 1
  await sleep(ms === null ? longest : Math.min(Math.max(ms, 1), longest), undefined, {
    signal,
    ref: false,
  }).catch(
    () => {}, // told to look at once
  )
}
