import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { WebhookMessage } from '#lib/contract/webhook'
import { LIMITS } from '#lib/limits'
import { gateEvent, logEvent, newRecord } from '#lib/testing/records'
import { messageOf, testMessage } from './message-of.ts'

const stamped = (event: object) => ({ ...event, run_id: record.id, seq: 7, ts: 1_800_000_000.5 }) as RunEvent // a stored one
const record = newRecord({ goal: `${'x'.repeat(3000)}\nand more`, cwd: '/' })
const options = { record, base: 'https://runs.example', isDecided: true }

test('long texts are cut, and a decision that came before is said', () => {
  const gate = gateEvent('gate_1')
  const event = stamped({ ...gate, payload: { ...gate.payload, summary: 'y'.repeat(5000) } })
  const message = WebhookMessage.parse(messageOf(event, options))
  expect(message).toMatchObject({
    type: 'gate_opened',
    gate: { decided: true },
    created_at: '2027-01-15T08:00:00Z',
  })
  for (const text of [message.text, 'run' in message ? message.run.goal : '']) {
    expect(text).toHaveLength(LIMITS.webhookTextLength)
    expect(text.endsWith('…')).toBe(true)
  }
  expect(JSON.stringify(message).length).toBeLessThan(5 * LIMITS.webhookTextLength)
})

test('other events are not told, and a test is a message of its own', () => {
  expect(messageOf(stamped(logEvent('hello')), options)).toBeNull()
  expect(WebhookMessage.parse(testMessage('id', options.base, 0))).toMatchObject({
    type: 'test',
    url: 'https://runs.example/settings',
  })
})
