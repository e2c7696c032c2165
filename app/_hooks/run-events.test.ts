import { expect, test, vi } from 'vitest'
import type { Live, RunNotice } from '#lib/client/live'
import type { EphemeralEvent, RunEvent } from '#lib/contract/event'
import type { Run } from '#lib/contract/runs'
import { createRunEvents } from './run-events.ts'

const at = (seq: number) => ({ run_id: 'r', iteration: 1, seq, ts: seq })
const log = (seq: number): RunEvent => ({
  ...at(seq),
  kind: 'log',
  payload: { level: 'info', message: `event ${seq}` },
})
const journal = (n: number) => Array.from({ length: n }, (_, i) => log(i + 1))

// Only what the store reads of it.
const run = (last_seq: number, status: Run['status'] = 'running') => ({ last_seq, status }) as Run

/** A store over a stored history, with the drains and the live connection in the test's hand. */
function watch(stored: RunEvent[], from: number, to: number, status?: Run['status']) {
  let drain: (() => void) | null = null
  let isServerThere = true
  let onEvents: (events: RunEvent[]) => void = () => {}
  let onEphemeral: ((event: EphemeralEvent) => void) | undefined
  let onNotice: ((notice: RunNotice) => void) | undefined
  const watched: number[] = []
  const store = createRunEvents(
    'r',
    { run: run(stored.length, status), events: stored.slice(from - 1, to) },
    {
      async fetchPage({ after, before, limit }) {
        if (!isServerThere) throw new Error('not reachable')
        if (before !== undefined) return stored.filter(e => e.seq < before).slice(-limit)
        return stored.filter(e => e.seq > (after ?? 0)).slice(0, limit)
      },
      schedule(callback) {
        drain = callback
        return () => {
          drain = null
        }
      },
    },
  )
  const live = {
    watchRun(_: string, after, events, ephemeral, notice) {
      watched.push(after)
      onEvents = events
      onEphemeral = ephemeral
      onNotice = notice
      return () => {}
    },
  } as Pick<Live, 'watchRun'> as Live // the store asks for nothing else of it
  store.start(live)
  return {
    store,
    watched,
    seqs: () => store.view().events.map(e => e.seq),
    receive: (events: RunEvent[]) => onEvents(events),
    say: (event: EphemeralEvent) => onEphemeral?.(event),
    notice: (notice: RunNotice) => onNotice?.(notice),
    frame() {
      const callback = drain
      drain = null
      callback?.()
    },
    setServer(there: boolean) {
      isServerThere = there
    },
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('events are taken in once per frame, however many messages brought them', () => {
  const stored = journal(9)
  const page = watch(stored, 1, 5)
  expect(page.watched).toEqual([5])
  const before = page.store.version()
  for (const event of stored.slice(5)) page.receive([event])
  expect(page.seqs()).toEqual(range(1, 5))
  page.frame()
  expect(page.seqs()).toEqual(range(1, 9))
  expect(page.store.version()).toBe(before + 1)
})

test('a gap is filled from the history before what comes after it is shown', async () => {
  const stored = journal(3000)
  const page = watch(stored, 1, 5)
  page.receive(stored.slice(2500))
  page.frame()
  expect(page.seqs()).toEqual(range(1, 5))
  await vi.waitFor(() => expect(page.seqs()).toEqual(range(1, 3000)))
  expect(page.store.gap()).toBeNull()
})

test('a gap that cannot be filled is named, nothing is shown out of order, and trying again fills it', async () => {
  const stored = journal(20)
  const page = watch(stored, 1, 5)
  page.setServer(false)
  page.receive(stored.slice(15))
  page.frame()
  await vi.waitFor(() => expect(page.store.gap()).toEqual({ from: 6, to: 15 }))
  expect(page.seqs()).toEqual(range(1, 5))
  page.setServer(true)
  page.store.retryGap()
  await vi.waitFor(() => expect(page.seqs()).toEqual(range(1, 20)))
  expect(page.store.gap()).toBeNull()
})

test('older history comes before what is there, down to the first event, in pages', async () => {
  const stored = journal(2500)
  const page = watch(stored, 2401, 2500)
  expect(page.store.older()).toBe('more')
  await page.store.loadOlder()
  expect(page.store.firstSeq()).toBe(1401)
  await page.store.loadOlder()
  expect(page.seqs()).toEqual(range(1, 2500))
  expect(page.store.older()).toBe('none')
})

test('who hears that a page of older history is there may ask for the next one at once', async () => {
  const page = watch(journal(8000), 7901, 8000)
  page.store.subscribe(() => {
    if (page.store.older() === 'more') void page.store.loadOlder()
  })
  void page.store.loadOlder()
  await vi.waitFor(() => expect(page.seqs()).toEqual(range(1, 8000)))
})

test('older history that cannot be had leaves what is there, and can be asked for again', async () => {
  const page = watch(journal(100), 51, 100)
  page.setServer(false)
  await page.store.loadOlder()
  expect([page.store.older(), page.seqs()]).toEqual(['failed', range(51, 100)])
  page.setServer(true)
  await page.store.loadOlder()
  expect([page.store.older(), page.seqs()]).toEqual(['none', range(1, 100)])
})

test('it says how much is still to come when the server is ahead', () => {
  const stored = journal(10)
  const page = watch(stored, 1, 10)
  page.notice({ kind: 'subscribed', last_seq: 422, status: 'running', from: 10 })
  expect(page.store.behind()).toBe(412)
})

test('who is told to begin later than the last event seen fetches what lies between, and goes on from there', async () => {
  const stored = journal(4500)
  const page = watch(stored, 1, 10)
  page.notice({ kind: 'subscribed', last_seq: 4000, status: 'running', from: 4000 })
  // Live events come meanwhile, and the connection is lost and made again.
  page.receive(stored.slice(4000, 4200))
  page.frame()
  page.notice({ kind: 'subscribed', last_seq: 4400, status: 'running', from: 4400 })
  page.receive(stored.slice(4400))
  page.frame()
  await vi.waitFor(() => expect(page.seqs()).toEqual(range(1, 4500)))
  expect([page.store.behind(), page.store.gap()]).toEqual([0, null])
})

test('what could not be fetched in between is fetched after the next connection', async () => {
  const stored = journal(3000)
  const page = watch(stored, 1, 10)
  page.setServer(false)
  page.notice({ kind: 'subscribed', last_seq: 3000, status: 'running', from: 3000 })
  await vi.waitFor(() => expect(page.store.gap()).toEqual({ from: 11, to: 3000 }))
  page.setServer(true)
  page.notice({ kind: 'subscribed', last_seq: 3000, status: 'running', from: 3000 })
  await vi.waitFor(() => expect(page.seqs()).toEqual(range(1, 3000)))
  expect(page.store.gap()).toBeNull()
})

test('live output and words are shown while they last, and go when the stored event comes', () => {
  const page = watch([log(1)], 1, 1)
  const ephemeral = { run_id: 'r', iteration: 1, ts: 2 }
  page.say({
    ...ephemeral,
    kind: 'step_progress',
    payload: { call_id: 'a', tool: 'bash_exec', chunk: 'one ' },
  })
  page.say({
    ...ephemeral,
    kind: 'step_progress',
    payload: { call_id: 'a', tool: 'bash_exec', chunk: 'two' },
  })
  page.say({ ...ephemeral, kind: 'text_delta', payload: { text: 'Hello' } })
  page.frame()
  expect([page.store.liveOutput('a')?.text, page.store.liveText()]).toEqual(['one two', 'Hello'])
  // The answer broke off and is asked for again.
  page.say({ ...ephemeral, kind: 'text_discarded', payload: {} })
  page.say({ ...ephemeral, kind: 'text_delta', payload: { text: 'Hi' } })
  page.frame()
  expect(page.store.liveText()).toBe('Hi')
  page.receive([
    {
      ...at(2),
      kind: 'tool_result',
      payload: {
        call_id: 'a',
        tool: 'bash_exec',
        output: 'one two',
        exit_code: 0,
        status: 'ok',
        duration_ms: 1,
        truncated: false,
        bytes: 7,
      },
    },
    { ...at(3), kind: 'step_start', payload: { node: 'plan' } },
  ])
  page.frame()
  expect([page.store.liveOutput('a'), page.store.liveText()]).toEqual([undefined, ''])
})

test('what a server that died had begun to say goes when the run is taken up again', () => {
  const page = watch([log(1)], 1, 1)
  const ephemeral = { run_id: 'r', iteration: 1, ts: 2 }
  page.say({ ...ephemeral, kind: 'text_delta', payload: { text: 'Half a sen' } })
  page.say({
    ...ephemeral,
    kind: 'step_progress',
    payload: { call_id: null, tool: 'run_check', chunk: 'half' },
  })
  page.frame()
  expect([page.store.liveOutput(null)?.text, page.store.liveText()]).toEqual(['half', 'Half a sen'])
  const recovered = { boot: 'b', interrupted_calls: [], queued: true, clean: false, crashes: 1 }
  page.receive([{ ...at(2), kind: 'recovered', payload: recovered }])
  page.frame()
  expect([page.store.liveOutput(null), page.store.liveText()]).toEqual([undefined, ''])
})

test('a run that has ended and is here whole is not watched', () => {
  expect(watch(journal(3), 1, 3, 'achieved').watched).toEqual([])
  expect(watch(journal(9), 1, 3, 'achieved').watched).toEqual([3])
})

test('older events take nothing from the iterations that began since the page was opened', async () => {
  const step = (seq: number, iteration: number): RunEvent => ({
    ...at(seq),
    iteration,
    kind: 'step_start',
    payload: { node: 'plan' },
  })
  const stored = [...journal(6), step(7, 1)]
  const page = watch(stored, 5, 7)
  page.receive([step(8, 2), step(9, 3)])
  page.frame()
  const known = () => page.store.view().iterations.map(({ iteration }) => iteration)
  const before = known()
  expect(before).toContain(3)
  await page.store.loadOlder()
  expect(page.seqs()[0]).toBe(1)
  expect(known()).toEqual(before)
  expect(page.store.view().run?.last_seq).toBeDefined()
})
