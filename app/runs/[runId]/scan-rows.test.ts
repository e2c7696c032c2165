import { expect, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { createRunView, type Row } from '#lib/contract/run-view'
import { createScan } from './scan-rows.ts'

const at = (seq: number) => ({ run_id: 'r', iteration: 1, seq, ts: seq })
const log = (seq: number): RunEvent => ({
  ...at(seq),
  kind: 'log',
  payload: { level: 'info', message: `${seq}` },
})
const call = (seq: number): RunEvent => ({
  ...at(seq),
  kind: 'tool_call',
  payload: { call_id: `${seq}`, tool: 'bash_exec', args: {} },
})
const result = (seq: number, of: number, status: 'ok' | 'error'): RunEvent => ({
  ...at(seq),
  kind: 'tool_result',
  payload: {
    call_id: `${of}`,
    tool: 'bash_exec',
    output: '',
    exit_code: 0,
    status,
    duration_ms: 1,
    truncated: false,
    bytes: 0,
  },
})
const logs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => log(from + i))
const seqs = (rows: readonly Row[]) => rows.map(row => row.seq)
const isEven = (row: Row) => row.type !== 'iteration' && row.seq % 2 === 0
const evens = (to: number) => Array.from({ length: Math.floor(to / 2) }, (_, i) => 2 * (i + 1))

test('the newest are found at once, the older ones slice by slice, all of them in order', () => {
  const view = createRunView()
  view.append(logs(1, 10_000))
  // A clock on which each look at it takes a millisecond.
  let time = 0
  const scan = createScan(
    () => view.rows,
    isEven,
    () => time++,
  )
  scan.look(view.version, 3)
  expect(scan.isDone()).toBe(false)
  expect(scan.rows().length).toBeLessThan(1000)
  expect(scan.rows().at(-1)?.seq).toBe(10_000)
  // New ones come while the old are looked at.
  view.append(logs(10_001, 10_004))
  let slices = 0
  while (!scan.isDone()) {
    scan.look(view.version, 3)
    slices++
  }
  expect(slices).toBeGreaterThan(5)
  expect(seqs(scan.rows())).toEqual(evens(10_004))
})

test('nothing is looked at twice, and the list is the same while nothing changes', () => {
  const view = createRunView()
  view.append(logs(1, 1000))
  let looked = 0
  const scan = createScan(
    () => view.rows,
    () => {
      looked++
      return true
    },
  )
  scan.look(view.version, 1000)
  const before = scan.rows()
  scan.look(view.version, 1000)
  expect(scan.rows()).toBe(before)
  view.append(logs(1001, 1010))
  scan.look(view.version, 1000)
  expect([looked, scan.rows().length]).toEqual([1011, 1011])
})

test('a row that was going on is judged again when it knows more, however many came after it', () => {
  const view = createRunView()
  view.append([log(1), call(2), call(3), ...logs(4, 500), call(501)])
  const isFailed = (row: Row) => row.type === 'tool' && row.result?.payload.status === 'error'
  const isOpen = (row: Row) => row.type === 'tool' && row.state === 'open'
  const failed = createScan(() => view.rows, isFailed)
  const open = createScan(() => view.rows, isOpen)
  const look = () => {
    for (const scan of [failed, open]) scan.look(view.version, 1000)
    return [seqs(failed.rows()), seqs(open.rows())]
  }
  expect(look()).toEqual([[], [2, 3, 501]])
  view.append([result(502, 3, 'error')])
  expect(look()).toEqual([[3], [2, 501]])
  view.append([result(503, 2, 'error'), result(504, 501, 'error')])
  expect(look()).toEqual([[2, 3, 501], []])
})
