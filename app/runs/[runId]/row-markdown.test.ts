import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { createRunView } from '#lib/contract/run-view'
import { rowMarkdown } from './row-markdown.ts'

test('a tool row becomes its command and output in fences that the output cannot close, without colours', () => {
  const at = (seq: number) => ({ run_id: 'r', iteration: 1, seq, ts: seq })
  const events: RunEvent[] = [
    { ...at(1), kind: 'tool_call', payload: { call_id: 'a', tool: 'bash_exec', args: { command: 'make' } } },
    {
      ...at(2),
      kind: 'tool_result',
      payload: {
        call_id: 'a',
        tool: 'bash_exec',
        output: '\u001b[31mred\u001b[0m\n```\nnot the end\n',
        exit_code: 0,
        status: 'ok',
        duration_ms: 1,
        truncated: false,
        bytes: 20,
      },
    },
  ]
  const view = createRunView()
  view.append(events)
  const row = view.rows.find(r => r.type === 'tool')!
  const text = rowMarkdown(row, 'http://x/runs/r?ev=1')
  expect(text).toContain('**bash_exec**\n\n```\nmake\n```')
  expect(text).toContain('````\nred\n```\nnot the end\n````')
  expect(text.endsWith('http://x/runs/r?ev=1')).toBe(true)
})
