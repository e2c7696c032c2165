// What is told to a webhook, by a real store and over real HTTP: each thing at least once, in whatever state the receiver is.
import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import type { NewEvent } from '#lib/contract/event'
import { createJournal } from '#lib/events/journal'
import { LIMITS } from '#lib/limits'
import { createRedactor } from '#lib/redaction/redactor'
import { endEvent, gateEvent, logEvent, usageEvent } from '#lib/testing/records'
import { openTempStore } from '#lib/testing/temp-store'
import { waitFor } from '#lib/testing/wait-for'
import { startWebhookReceiver, type WebhookReceiver } from '#lib/testing/webhook-receiver'
import { TOLD } from './message-of.ts'
import { createWebhook, shownUrl, type WebhookParts } from './webhook.ts'

const SECRET = 'a-secret-of-this-webhook'
const PASSWORD = 'hunter2-hunter2-hunter2'

let receiver: WebhookReceiver
beforeEach(async () => {
  receiver = await startWebhookReceiver()
})
afterEach(() => receiver.close())

const pausedEvent = (reason: 'model_unavailable' | 'disk_full' = 'model_unavailable'): NewEvent => ({
  kind: 'paused',
  iteration: 1,
  payload: { reason, detail: 'nobody answers', retry_at: 1_800_000_000 },
})

async function place({ file, ...options }: Partial<WebhookParts> & { file?: string } = {}) {
  const store = await openTempStore(file, { announced: TOLD })
  const redactor = createRedactor([PASSWORD])
  const journal = createJournal({ store, redactor })
  const logged: string[] = []
  const webhook = createWebhook({
    url: receiver.url,
    secret: SECRET,
    store,
    base: () => 'http://127.0.0.1:8000',
    redact: redactor.value,
    log: (level, message) => logged.push(`${level}: ${message}`),
    timing: { firstRetryMs: 5 },
    ...options,
  })
  journal.onEvents(webhook.observe)
  webhook.start()
  onTestFinished(() => webhook.close())
  const untilTold = () => waitFor('everything is told', async () => (await store.countDeliveries()) === 0)
  return { store, journal, webhook, logged, untilTold }
}

it('tells of gates, pauses and ends, of nothing else, and where to look', async () => {
  const { store, journal, untilTold } = await place()
  const { id } = await store.newRun({ goal: `make it ${PASSWORD} work`, cwd: '/home/ana/shop-api' })
  await journal.append(id, [logEvent('began'), usageEvent(), pausedEvent()])
  await journal.append(id, [gateEvent('gate_1')])
  await journal.append(id, [endEvent()])
  await untilTold()
  const page = `http://127.0.0.1:8000/runs/${id}`
  expect(receiver.received.map(({ message }) => [message.type, message.url])).toEqual([
    ['run_paused', page],
    ['gate_opened', `${page}/gate/gate_1`],
    ['run_ended', page],
  ])
  const [gate] = receiver.ofType('gate_opened')
  expect(gate).toMatchObject({
    id: `${id}.4`,
    text: expect.stringMatching(
      /^Needs you: “make it \[redacted:\w+\] work” in shop-api: Iteration 1: not yet\.$/,
    ),
    run: { run_id: id, goal_name: 'shell-goal' },
    gate: { gate_id: 'gate_1', kind: 'iteration', decided: false },
  })
  expect(receiver.ofType('run_ended')[0]?.end).toMatchObject({ status: 'achieved', reason: 'it is there' })
  expect(receiver.received.map(({ text }) => text).join()).not.toContain(PASSWORD)
})

it('signs what it sends with id and time; without a secret it says no signature', async () => {
  const { store, journal, untilTold } = await place()
  const { id } = await store.newRun()
  await journal.append(id, [gateEvent('gate_1')])
  await untilTold()
  const [first] = receiver.received
  const stamp = `${first?.headers['webhook-id']}.${first?.headers['webhook-timestamp']}`
  expect(first?.headers['webhook-id']).toBe(first?.message.id)
  expect(Math.abs(Number(first?.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
  const digest = (key: Buffer | string, text = '') =>
    createHmac('sha256', key).update(`${stamp}.${text}`).digest('base64')
  expect(first?.headers['webhook-signature']).toBe(`v1,${digest(SECRET, first?.text)}`)

  const unsigned = await place({ secret: null })
  await unsigned.webhook.test()
  expect(receiver.received.at(-1)?.headers['webhook-signature']).toBeUndefined()
  expect(await unsigned.webhook.status()).toMatchObject({ signed: false, last: { ok: true } })
})

it('tries again after errors, with the same id, and tells the rest meanwhile', async () => {
  const { store, journal, untilTold, logged } = await place()
  const [bad, good] = [await store.newRun(), await store.newRun()]
  let refusals = 0
  receiver.answer = ({ id }) => (id.startsWith(bad.id) && refusals++ < 4 ? 500 : 200)
  await journal.append(bad.id, [gateEvent('gate_1')])
  await journal.append(good.id, [gateEvent('gate_2')])
  await untilTold()
  const attempts = receiver.received.filter(({ message }) => message.id === `${bad.id}.1`)
  expect(attempts).toHaveLength(5)
  expect(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(receiver.received.filter(({ message }) => message.id === `${good.id}.1`)).toHaveLength(1)
  expect(logged[0]).toContain('the webhook cannot be told; trying again')
})

it('waits for nobody: runs go on while the receiver hangs, and it hears of them later', async () => {
  const { store, journal, webhook, untilTold } = await place({ timing: { firstRetryMs: 5, timeoutMs: 300 } })
  const { id } = await store.newRun()
  receiver.answer = () => 'hang'
  await journal.append(id, [gateEvent('gate_1')])
  await waitFor('it hangs', () => receiver.received.length > 0)
  await journal.append(id, [endEvent()])
  expect((await journal.record(id)).status).toBe('achieved')
  await waitFor('it is given up', async () => (await webhook.status()).last?.ok === false)
  expect((await webhook.status()).last?.detail).toBe('The receiver did not answer within 0.3 seconds')
  receiver.answer = () => 200
  await untilTold()
  expect(new Set(receiver.received.map(({ message }) => message.type))).toEqual(
    new Set(['gate_opened', 'run_ended']),
  )
})

it('what failed while the receiver was down is told at once when it is back', async () => {
  const { store, journal, webhook, untilTold } = await place({ timing: { firstRetryMs: 60_000 } })
  receiver.answer = () => 503
  for (const gate of ['gate_1', 'gate_2']) {
    const { id } = await store.newRun()
    await journal.append(id, [gateEvent(gate)])
  }
  await waitFor('it was tried', async () => (await webhook.status()).last?.ok === false)
  receiver.answer = () => 200
  expect(await webhook.test()).toMatchObject({ delivered: true })
  await untilTold()
  expect(new Set(receiver.ofType('gate_opened').map(({ gate }) => gate.gate_id)).size).toBe(2)
})

it('follows no redirect, and does not read what is said besides', async () => {
  const { webhook } = await place()
  const other = await startWebhookReceiver()
  onTestFinished(() => other.close())
  receiver.answer = () => ({ status: 307, headers: { location: other.url } })
  expect(await webhook.test()).toMatchObject({ delivered: false, status: 307 })
  expect((await webhook.status()).last?.detail).toContain('redirects are not followed')
  expect(other.received).toEqual([])
})

it('what was not taken before the end of a server is told by the next one, whoever the receiver is', async () => {
  const first = await place({ url: 'http://127.0.0.1:1/' })
  const { id } = await first.store.newRun()
  await first.journal.append(id, [gateEvent('gate_1')])
  await waitFor('it was tried', async () => (await first.webhook.status()).last?.ok === false)
  expect((await first.webhook.status()).last?.detail).toMatch(/cannot be reached: .*(bad port|ECONNREFUSED)/)
  await first.webhook.close()
  await first.store.close()

  const second = await place({ file: first.store.file })
  await second.untilTold()
  expect(receiver.ofType('gate_opened')).toMatchObject([{ id: `${id}.1`, gate: { decided: false } }])
})

it('a run that only tries again to hold is told of once', async () => {
  const { store, journal, untilTold } = await place()
  const { id } = await store.newRun()
  const resumed: NewEvent = { kind: 'resumed', iteration: 1, payload: { by: 'server', queued: false } }
  await journal.append(id, [pausedEvent()])
  await journal.append(id, [resumed, pausedEvent()])
  await journal.append(id, [resumed, pausedEvent('disk_full')])
  await untilTold()
  expect(receiver.ofType('run_paused').map(({ pause }) => pause.reason)).toEqual([
    'model_unavailable',
    'disk_full',
  ])
})

it('gives up what could not be told for days, and says so', async () => {
  const { store, journal, logged, untilTold } = await place()
  receiver.answer = () => 500
  const long = Date.now() - LIMITS.webhookGiveUpMs - 1000
  const old = createJournal({ store, now: () => long })
  const { id } = await store.newRun()
  await old.append(id, [gateEvent('gate_1')])
  const { id: other } = await store.newRun()
  await journal.append(other, [logEvent('nothing to tell'), pausedEvent()])
  await waitFor('one is left', async () => (await store.countDeliveries()) === 1)
  expect(logged).toContain('warn: the webhook was not told')
  receiver.answer = () => 200
  await untilTold()
  expect(receiver.received.at(-1)?.message.id).toBe(`${other}.2`)
})

it('its limits are those of people and networks', () => {
  expect([LIMITS.webhookTimeoutMs, LIMITS.webhookRetryMs]).toEqual([10_000, 5 * 60_000])
})

it('of its address only what is no secret is shown', () => {
  expect(shownUrl('https://hooks.example/services/T0/B0/x')).toBe('https://hooks.example/…')
  expect(shownUrl('https://ana:pass@hooks.example/')).toBe('https://hooks.example')
  expect(shownUrl('http://127.0.0.1:9000/?key=1')).toBe('http://127.0.0.1:9000/…')
})
