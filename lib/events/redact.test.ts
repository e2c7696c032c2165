import { expect, test } from 'vitest'
import { createRedaction } from './redact.ts'

const redact = createRedaction(['sk-secret-value-1', null, 'short', 'token-of-sixteen'])

test('known values are taken out of every string, however deep', () => {
  const event = { output: 'KEY=sk-secret-value-1;', args: { list: ['a token-of-sixteen b', 3, null] } }
  expect(redact(event)).toEqual({ output: 'KEY=[redacted];', args: { list: ['a [redacted] b', 3, null] } })
})

test('everything else stays as it is, values too short to be told from words included', () => {
  const event = { output: 'short and sweet', seq: 1, ok: true }
  expect(redact(event)).toEqual(event)
  expect(createRedaction([null])(event)).toBe(event)
})
