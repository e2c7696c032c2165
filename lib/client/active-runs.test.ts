import { expect, onTestFinished, test, vi } from 'vitest'
import { createActiveRuns, withRun } from './active-runs.ts'
import { summary } from './run-summary.fixture.ts'

const run = (run_id: string, created_at: string) => summary({ run_id, created_at })
const a = run('a', '2026-02-18T12:00:00Z')
const b = run('b', '2026-02-18T12:05:00Z')
const c = run('c', '2026-02-18T12:10:00Z')
const ids = (runs: { run_id: string }[]) => runs.map(r => r.run_id).join('')

test('a run is put in by its age, a known one is replaced, an ended one leaves', () => {
  expect(ids(withRun([c, a], b))).toBe('cba')
  expect(ids(withRun([b], a))).toBe('ba')
  expect(withRun([c, a], { ...a, status: 'waiting' })[1]?.status).toBe('waiting')
  expect(ids(withRun([c, a], { ...c, status: 'achieved' }))).toBe('a')
})

test('listeners hear of each change until they leave, and reading twice gives the same array', () => {
  const active = createActiveRuns([a])
  let heard = 0
  const stop = active.subscribe(() => heard++)
  active.update(b)
  expect(ids(active.get())).toBe('ba')
  expect(active.get()).toBe(active.get())
  stop()
  active.update(c)
  expect(heard).toBe(1)
})

test('an answer that is older than what came live meanwhile does not undo it', async () => {
  const inLine = (position: number) => ({
    status: 'queued' as const,
    queue: { position, reason: 'All taken' },
  })
  let answer = (_: Response) => {}
  vi.stubGlobal('fetch', () => new Promise<Response>(resolve => (answer = resolve)))
  onTestFinished(() => void vi.unstubAllGlobals())
  const active = createActiveRuns([a])
  active.refetch()
  active.update({ ...a, ...inLine(2) })
  active.update({ ...b, status: 'achieved' })
  answer(Response.json([c, b, { ...a, ...inLine(1) }]))
  await vi.waitFor(() => expect(ids(active.get())).toBe('ca'))
  expect(active.get()[1]?.queue?.position).toBe(2)
})
