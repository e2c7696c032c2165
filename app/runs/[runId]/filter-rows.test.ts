import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { createRunView } from '#lib/contract/run-view'
import { isEmptyFilter, isErrorRow, matches, parseFilter } from './filter-rows.ts'

const at = (seq: number) => ({ run_id: 'r', iteration: 1, seq, ts: seq })
const events: RunEvent[] = [
  {
    ...at(1),
    kind: 'tool_call',
    payload: { call_id: 'a', tool: 'bash_exec', args: { command: 'make Test' } },
  },
  {
    ...at(2),
    kind: 'tool_result',
    payload: {
      call_id: 'a',
      tool: 'bash_exec',
      output: 'KeyError: TLS_CERT',
      exit_code: 2,
      status: 'error',
      duration_ms: 4,
      truncated: false,
      bytes: 18,
    },
  },
  { ...at(3), kind: 'note', payload: { text: 'keep the public API', by: 'cli' } },
  { ...at(4), kind: 'tool_call', payload: { call_id: 'b', tool: 'file_read', args: { path: 'a.ts' } } },
]
const view = createRunView()
view.append(events)
const found = (typed: string) => view.rows.filter(r => matches(r, parseFilter(typed))).map(r => r.seq)

test('words are found in what was asked and in what came back, in any case', () => {
  expect(found('make tls_cert')).toEqual([1])
  expect(found('"public api"')).toEqual([3])
})

test('terms narrow by kind, by tool under either of its names, and by status', () => {
  expect(found('kind:note')).toEqual([3])
  expect(found('kind:tool_result,note')).toEqual([1, 3])
  expect(found('tool:bash')).toEqual([1])
  expect(found('tool:FILE_READ')).toEqual([4])
  expect(found('status:error')).toEqual([1])
  expect(found('status:running')).toEqual([4])
  expect(found('tool:bash status:ok')).toEqual([])
})

test('a term that is no term is a word, and an empty filter is known as one', () => {
  expect(parseFilter('http://x colour:red').words).toEqual(['http://x', 'colour:red'])
  expect(isEmptyFilter(parseFilter('  "" '))).toBe(true)
  expect(isEmptyFilter(parseFilter('kind:log'))).toBe(false)
})

test('a row in which a tool failed is an error row', () => {
  expect(view.rows.filter(isErrorRow).map(r => r.seq)).toEqual([1])
})
