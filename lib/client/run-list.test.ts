import { expect, test } from 'vitest'
import type { RunStatus, RunSummary } from '../contract/runs.ts'
import { NO_FILTER } from './run-filter.ts'
import { createRunList, otherRuns, type RunListAction, type RunListState, runList } from './run-list.ts'
import { summary } from './run-summary.fixture.ts'

const COUNTS = {
  queued: 0,
  running: 3,
  waiting: 0,
  paused: 0,
  achieved: 0,
  exhausted: 0,
  failed: 0,
  aborted: 0,
}
const REST = { total: 3, choices: { goal: [], cwd: [], model_name: [] } }
/** `run('c')` is newer than `run('b')`. */
const run = (run_id: string, changes: Partial<RunSummary> = {}) =>
  summary({ run_id, created_at: `2026-02-18T12:00:0${run_id.charCodeAt(0) - 97}Z`, ...changes })
const waiting = (opened_at: string): Partial<RunSummary> => ({
  status: 'waiting',
  gate: { gate_id: 'g', iteration: 1, opened_at, summary: '' },
})
const changed = (r: RunSummary, before: RunStatus | null = null): RunListAction => ({
  kind: 'changed',
  run: r,
  before,
  now: Date.parse('2026-02-18T12:01:00Z'),
})
const open = (runs: RunSummary[], filter = NO_FILTER, cursor: string | null = null) =>
  createRunList({ ...REST, filter, runs, counts: COUNTS, cursor })
const after = (state: RunListState, ...actions: RunListAction[]) => actions.reduce(runList, state)
const shown = (state: RunListState) => [...state.needsYou, '|', ...otherRuns(state)].join('')

test('a change of a row replaces its values in its place', () => {
  const state = after(open([run('c'), run('b'), run('a')]), changed(run('b', { iteration: 4 })))
  expect(shown(state)).toBe('|cba')
  expect(state.byId.get('b')?.iteration).toBe(4)
})

test('a new run comes on top at once when nobody is on the list', () => {
  expect(shown(after(open([run('b'), run('a')]), changed(run('c'))))).toBe('|cba')
})

test('while the pointer is on the list nothing moves; when it leaves, all catches up', () => {
  const held = after(
    open([run('b'), run('a')]),
    { kind: 'held', held: true },
    changed(run('c')),
    changed(run('a', waiting('2026-02-18T12:00:30Z')), 'running'),
  )
  expect(shown(held)).toBe('|ba')
  expect(held.fresh).toEqual(['c'])
  expect(held.byId.get('a')?.status).toBe('waiting')
  expect(shown(after(held, { kind: 'held', held: false }))).toBe('a|cb')
})

test('new runs wait behind the pill while the list is scrolled', () => {
  const state = after(
    open([run('b'), run('a')]),
    { kind: 'scrolled', scrolled: true },
    changed(run('d')),
    changed(run('c')),
  )
  expect(shown(state)).toBe('|ba')
  expect(state.fresh).toEqual(['d', 'c'])
  expect(shown(after(state, { kind: 'show_fresh' }))).toBe('|dcba')
  expect(shown(after(state, { kind: 'scrolled', scrolled: false }))).toBe('|dcba')
})

test('the first run appears in an empty list even under the pointer', () => {
  expect(shown(after(open([]), { kind: 'held', held: true }, changed(run('a'))))).toBe('|a')
})

test('runs that need somebody stand on top, the longest wait first, and go back to their place', () => {
  const state = after(
    open([run('c'), run('b'), run('a')]),
    changed(run('a', waiting('2026-02-18T12:00:50Z'))),
    changed(run('c', waiting('2026-02-18T12:00:20Z'))),
  )
  expect(shown(state)).toBe('ca|b')
  expect(shown(after(state, changed(run('c'))))).toBe('a|cb')
})

test('a row stays when it no longer fits the filter, and what never fitted does not come', () => {
  const running = { ...NO_FILTER, status: 'running' }
  const state = after(
    open([run('b'), run('a')], running),
    changed(run('a', { status: 'achieved' }), 'running'),
    changed(run('c', { status: 'failed' })),
  )
  expect(shown(state)).toBe('|ba')
})

test('counts follow the changes of status, of rows and of runs that are not in the list', () => {
  const state = after(
    open([run('b'), run('a')]),
    changed(run('a', { status: 'achieved' })),
    changed(run('z', { status: 'failed', created_at: '2020-01-01T00:00:00Z' }), 'running'),
    changed(run('c', { status: 'queued' })),
    changed(run('b', { iteration: 2 })),
  )
  expect(state.counts).toEqual({ ...COUNTS, running: 1, achieved: 1, failed: 1, queued: 1 })
})

test('older pages are added below, without what is already there', () => {
  const state = after(open([run('c'), run('b')], NO_FILTER, 'next'), {
    kind: 'older',
    runs: [run('b'), run('a')],
    cursor: null,
  })
  expect(shown(state)).toBe('|cba')
  expect(state.cursor).toBeNull()
})

test('a change of a run of an older page does not put it in the middle of nowhere', () => {
  const state = open([run('d'), run('c')], NO_FILTER, 'next')
  expect(shown(after(state, changed(run('a', { status: 'aborted' }), 'running')))).toBe('|dc')
})

test('the same page rendered again keeps loaded older rows and counts what was missed', () => {
  const state = after(open([run('c'), run('b')], NO_FILTER, 'next'), {
    kind: 'older',
    runs: [run('a')],
    cursor: null,
  })
  const again = after(state, {
    kind: 'rendered',
    page: {
      ...REST,
      filter: { ...NO_FILTER },
      runs: [run('d'), run('c', { status: 'achieved' })],
      counts: { ...COUNTS, achieved: 9 },
      cursor: 'next',
    },
  })
  expect(shown(again)).toBe('|dcba')
  expect(again.byId.get('c')?.status).toBe('achieved')
  expect([again.counts.achieved, again.cursor]).toEqual([9, null])
})

test('another filter starts afresh', () => {
  const state = after(open([run('c'), run('b')]), {
    kind: 'rendered',
    page: { ...REST, filter: { ...NO_FILTER, q: 'x' }, runs: [run('a')], counts: COUNTS, cursor: null },
  })
  expect(shown(state)).toBe('|a')
})

test('a page that was rendered before a change came live does not undo it, until changes may have been missed', () => {
  const inLine = (position: number) =>
    run('a', { status: 'queued', queue: { position, reason: 'All taken' } })
  const page = { ...REST, filter: NO_FILTER, runs: [inLine(1)], counts: COUNTS, cursor: null }
  const moved = after(open([inLine(1)]), { kind: 'resync' }, changed(inLine(2)), { kind: 'rendered', page })
  expect(moved.byId.get('a')?.queue?.position).toBe(2)
  const other = { ...page, filter: { ...NO_FILTER, q: 'x' } }
  expect(after(moved, { kind: 'rendered', page: other }).byId.get('a')?.queue?.position).toBe(2)
  const missed = after(moved, { kind: 'resync' }, { kind: 'rendered', page })
  expect(missed.byId.get('a')?.queue?.position).toBe(1)
  const later = { ...page, runs: [run('a', { last_seq: 9, iteration: 3 })] }
  expect(after(moved, { kind: 'rendered', page: later }).byId.get('a')?.iteration).toBe(3)
})

test('in another order a new run takes its place there, and those that are shown keep theirs although they have changed', () => {
  const costs = (id: string, estimated_cost_usd: number | null) => run(id, { estimated_cost_usd })
  const byCost = { ...NO_FILTER, sort: '-cost' as const }
  const list = open([costs('a', 9), costs('b', 5), costs('c', null)], byCost)
  const state = after(list, changed(costs('b', 20)), changed(costs('d', 7)), changed(costs('e', null)))
  expect(shown(state)).toBe('|abdec')
  const more = open([costs('a', 9), costs('b', 5)], byCost, 'next')
  expect(shown(after(more, changed(costs('d', 1))))).toBe('|ab')
})

test('counts are of what the filter leaves, whatever the status; the total is of all', () => {
  const inShop = { ...NO_FILTER, status: 'running', cwd: '/srv/shop' }
  const state = after(
    open([run('a')], inShop),
    changed(run('b', { status: 'queued', cwd: '/srv/shop' })),
    changed(run('c', { status: 'queued', cwd: '/srv/web' })),
  )
  expect(state.counts).toEqual({ ...COUNTS, queued: 1 })
  expect(state.total).toBe(5)
})
