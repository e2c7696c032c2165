import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { rawText } from './raw-log.ts'

const event = (kind: string, payload: unknown, seq = 7) =>
  // Only what the text reads, also of kinds that nobody knows.
  ({ kind, payload, seq, ts: 1_739_800_000.5, iteration: 2, run_id: 'r' }) as unknown as RunEvent

test('an event is a line with what it carries below it', () => {
  const output = 'one\ntwo\n'
  const payload = { tool: 'bash_exec', status: 'ok', exit_code: 0, duration_ms: 12.4, output }
  expect(rawText(event('tool_result', payload))).toBe(
    '#7  2025-02-17T13:46:40.500Z  i2  tool_result  bash_exec  ok  exit 0  12 ms\n    one\n    two\n',
  )
  expect(rawText(event('tool_call', { tool: 'bash_exec', args: { command: 'ls' } }))).toContain(
    '\n    $ ls\n',
  )
})

test('what would steer a terminal, hide text or begin a line of its own is spelled', () => {
  const text = rawText(
    event('reasoning', { text: '\u001b[31mred\u001b[0m \u001b]0;title\u0007 a\u202eb\rc' }),
  )
  expect(text).toContain('    red ␛]0;title␇ a⟨U+202E⟩b␍c\n')
  expect(text).not.toMatch(/[\u001b\u0007\u202e\r]/)
  const check = { achieved: false, reason: 'no\n#8  fake', command: 'x', output: '' }
  expect(rawText(event('goal_check', check)).split('\n')[0]).toContain('not achieved: no #8  fake')
})

test('a kind of another version is told with all it carries', () => {
  expect(rawText(event('brand_new', { some: ['thing'] }))).toContain('brand_new\n    {"some":["thing"]}\n')
  expect(rawText(event('note', { words: 1 }))).toContain('note\n    {"words":1}\n')
  expect(rawText(event('tool_call', null))).toContain('tool_call\n    null\n')
  expect(rawText(event('brand_new', undefined))).toContain('brand_new\n')
})
