import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { GatePolicy } from '#lib/contract/gate-policy'
import type { Resume } from '#lib/contract/gates'
import { AppError } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import { newRecord } from '#lib/testing/records'
import { createGateTimeouts } from './gate-timeouts.ts'

const MINUTE = 60_000
const TIMED: GatePolicy = { mode: 'each', timeout_minutes: 30, on_timeout: 'abort' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const waiting = (fields: Partial<RunRecord> = {}): RunRecord =>
  newRecord({
    id: 'run',
    status: 'waiting',
    gatePolicy: TIMED,
    gate: { gateId: 'gate', iteration: 1, openedAt: Date.now(), summary: 's' },
    ...fields,
  })

/** What was decided, by whom; `fail` is what the next decision meets. */
async function watched(unfinished: RunRecord[] = []) {
  let tell: (record: RunRecord) => void = () => {}
  const decided: (Resume & { run: string; by: string })[] = []
  const failures: unknown[] = []
  const timeouts = createGateTimeouts({
    store: { listUnfinished: async () => unfinished },
    journal: {
      onRecord(listener) {
        tell = listener
        return () => {}
      },
    },
    async decide(run, request, by) {
      const failure = failures.shift()
      if (failure) throw failure
      decided.push({ run, by, ...request })
    },
    log: () => {},
  })
  await timeouts.start()
  return { decided, failures, tell: (record: RunRecord) => tell(record), close: timeouts.close }
}

it('a gate that nobody answers is decided when its time is over, by the timeout, and says why', async () => {
  const { decided, tell } = await watched()
  tell(waiting())
  await vi.advanceTimersByTimeAsync(30 * MINUTE - 1)
  expect(decided).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(decided).toEqual([
    {
      run: 'run',
      by: 'timeout',
      decision: 'abort',
      gate_id: 'gate',
      note: 'nobody decided within 30 minutes',
    },
  ])
})

it('after a restart the rest of the time counts, and none is left of one that is over', async () => {
  const opened = (ago: number, id: string) =>
    waiting({ id, gate: { gateId: id, iteration: 1, openedAt: Date.now() - ago, summary: 's' } })
  const { decided } = await watched([opened(20 * MINUTE, 'young'), opened(60 * MINUTE, 'old')])
  await vi.advanceTimersByTimeAsync(0)
  expect(decided.map(({ run }) => run)).toEqual(['old'])
  await vi.advanceTimersByTimeAsync(10 * MINUTE - 1)
  expect(decided).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(decided.map(({ run }) => run)).toEqual(['old', 'young'])
})

it('a longer time extends the gate that is open, no time lets it wait, and a decision ends the wait', async () => {
  const { decided, tell } = await watched()
  const gate = waiting()
  tell(gate)
  await vi.advanceTimersByTimeAsync(29 * MINUTE)
  tell({ ...gate, gatePolicy: { ...TIMED, timeout_minutes: 60 } })
  await vi.advanceTimersByTimeAsync(30 * MINUTE)
  expect(decided).toEqual([])
  tell({ ...gate, gatePolicy: { mode: 'each', timeout_minutes: null, on_timeout: 'wait' } })
  await vi.advanceTimersByTimeAsync(1000 * MINUTE)
  expect(decided).toEqual([])
  tell({ ...gate, gatePolicy: { ...TIMED, timeout_minutes: 2000 } })
  tell(newRecord({ id: 'run', status: 'running', gatePolicy: TIMED }))
  await vi.advanceTimersByTimeAsync(10_000 * MINUTE)
  expect(decided).toEqual([])
})

it('a clock that is set makes the wait neither shorter nor longer', async () => {
  const { decided, tell } = await watched()
  tell(waiting())
  vi.setSystemTime(Date.now() + 10 * 3600_000)
  await vi.advanceTimersByTimeAsync(29 * MINUTE)
  expect(decided).toEqual([])
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(decided).toHaveLength(1)
})

it.each([
  ['iteration', undefined, 'approve'],
  ['check', 'check', 'abort'],
  ['command', 'command', 'deny'],
  ['config', 'config', 'abort'],
] as const)(
  'to approve when nobody answers means for a gate about %s: %s → %s',
  async (_, kind, decision) => {
    const { decided, tell } = await watched()
    const gate = { gateId: 'gate', iteration: 1, openedAt: Date.now(), summary: 's', ...(kind && { kind }) }
    tell(waiting({ gate, gatePolicy: { ...TIMED, on_timeout: 'approve' } }))
    await vi.advanceTimersByTimeAsync(30 * MINUTE)
    expect(decided).toMatchObject([{ decision }])
  },
)

it('what could not be stored is tried again; what a person decided at the same moment is left', async () => {
  const { decided, failures, tell } = await watched()
  failures.push(new AppError('database_busy', 'held'))
  tell(waiting())
  await vi.advanceTimersByTimeAsync(30 * MINUTE)
  expect(decided).toEqual([])
  await vi.advanceTimersByTimeAsync(5000)
  expect(decided).toHaveLength(1)
  failures.push(new AppError('gate_decided', 'by ana'))
  tell(waiting({ gate: { gateId: 'next', iteration: 2, openedAt: Date.now(), summary: 's' } }))
  await vi.advanceTimersByTimeAsync(100 * MINUTE)
  expect(decided).toHaveLength(1)
})

it('a server that stops decides nothing any more', async () => {
  const { decided, tell, close } = await watched()
  tell(waiting())
  close()
  await vi.advanceTimersByTimeAsync(100 * MINUTE)
  expect(decided).toEqual([])
})
