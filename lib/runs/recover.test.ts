// What a restart makes of journals that end in the middle of something.
import { describe, expect, it } from 'vitest'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { createJournal } from '#lib/events/journal'
import type { RunRecord } from '#lib/store/types'
import { logEvent, startEvent } from '#lib/testing/records'
import { openTempStore } from '#lib/testing/temp-store'
import { tools } from '#lib/tools/registry'
import { recoverRuns } from './recover.ts'

const step = (node: 'plan' | 'act' | 'evaluate'): NewEvent => ({
  kind: 'step_start',
  iteration: 1,
  payload: { node },
})
const answer: NewEvent = {
  kind: 'model_response',
  iteration: 1,
  payload: { content: [], stop_reason: 'tool_use', model: 'literal' },
}
/** What a suspect is taken up with. */
const alone: NewEvent = {
  kind: 'log',
  iteration: 1,
  payload: { level: 'warn', message: 'tried alone', data: { alone: true } },
}
const call = (id: string, tool: string): NewEvent => ({
  kind: 'tool_call',
  iteration: 1,
  payload: { call_id: id, tool, args: {} },
})

async function prepare() {
  const store = await openTempStore()
  let journal = createJournal({ store })
  let boots = 0
  return {
    store,
    async run(events: NewEvent[], fields: Partial<RunRecord> = {}) {
      const { id } = await store.newRun(fields)
      await journal.append(id, events)
      return id
    },
    /** A server starts over what is stored. */
    async boot({ wasClean = false, maxParallel = 4 } = {}) {
      journal = createJournal({ store })
      boots += 1
      const logged: string[] = []
      const parts = { store, journal, tools, boot: `boot ${boots}`, wasClean, maxParallel }
      const left = await recoverRuns({ ...parts, log: (_, message) => logged.push(message) })
      const ids = (records: RunRecord[]) => records.map(({ id }) => id)
      return {
        ready: ids(left.ready),
        suspects: ids(left.suspects),
        paused: ids(left.paused),
        logged,
        journal,
      }
    },
    events: (runId: string) => store.readEvents(runId, { limit: 1000 }),
    status: async (runId: string) => (await store.getRun(runId))?.status,
  }
}

const payloads = (events: RunEvent[], kind: string) =>
  events.flatMap(event => (event.kind === kind ? [event.payload] : []))

describe('a restart', () => {
  it('stores a result for each call that may have run, in one commit with what it says of itself', async () => {
    const { run, boot, events, store } = await prepare()
    const id = await run([
      startEvent(),
      step('plan'),
      answer,
      step('act'),
      call('done', 'bash_exec'),
      {
        kind: 'tool_result',
        iteration: 1,
        payload: {
          call_id: 'done',
          tool: 'bash_exec',
          output: '',
          exit_code: 0,
          status: 'ok',
          duration_ms: 1,
          truncated: false,
          bytes: 0,
        },
      },
      call('open', 'bash_exec'),
      call('reading', 'file_read'),
    ])
    const commits: number[] = []
    const commit = store.commit
    store.commit = async appends => {
      commits.push(appends.length)
      await commit(appends)
    }
    expect((await boot()).ready).toEqual([id])
    expect(commits).toEqual([1])
    const after = await events(id)
    expect(after.slice(-2).map(({ kind }) => kind)).toEqual(['recovered', 'tool_result'])
    expect(payloads(after, 'recovered')).toEqual([
      { boot: 'boot 1', interrupted_calls: ['open'], queued: false, clean: false, crashes: 1 },
    ])
    expect(payloads(after, 'tool_result').at(-1)).toMatchObject({ call_id: 'open', status: 'interrupted' })
    // What only reads is simply run again.
    expect(JSON.stringify(payloads(after, 'tool_result'))).not.toContain('reading')
  })

  it('finds an open call however much was logged after it', async () => {
    const { run, boot } = await prepare()
    const logs = Array.from({ length: 500 }, (_, n) => logEvent(`line ${n}`, 1))
    const id = await run([startEvent(), answer, step('act'), call('open', 'bash_exec'), ...logs])
    const { journal } = await boot()
    expect((await journal.record(id)).lastSeq).toBe(4 + 500 + 2)
  })

  it('takes up what was at work first, then the line by priority, and says who waits', async () => {
    const { run, boot, status } = await prepare()
    const begun = [startEvent(), step('plan')]
    const queued = (priority: number) => run([...begun], { priority })
    const ids = [await queued(0), await queued(0), await queued(5), await queued(-1)]
    const { ready } = await boot({ maxParallel: 2 })
    expect(ready).toEqual([ids[2], ids[0], ids[1], ids[3]])
    expect(await Promise.all(ids.map(id => status(id)))).toEqual(['running', 'queued', 'running', 'queued'])
  })

  it('calls a run that had a slot but had not begun queued when it has none now', async () => {
    const { store, boot, status } = await prepare()
    const first = await store.newRun({ status: 'running', createdAt: 1 })
    const second = await store.newRun({ status: 'running', createdAt: 2 })
    expect((await boot({ maxParallel: 1 })).ready).toEqual([first.id, second.id])
    expect([await status(first.id), await status(second.id)]).toEqual(['running', 'queued'])
  })

  it('adds nothing to a run that waited in line and still does', async () => {
    const { run, boot, events } = await prepare()
    await run([startEvent(), step('plan')])
    const waiting = await run([startEvent(), step('plan')])
    await boot({ maxParallel: 1 })
    const before = await events(waiting)
    await boot({ maxParallel: 1 })
    expect(await events(waiting)).toEqual(before)
  })

  it('leaves gates, pauses and ends as they are', async () => {
    const { store, boot, events } = await prepare()
    const untouched = await Promise.all(
      (['waiting', 'paused', 'achieved', 'queued'] as const).map(status => store.newRun({ status })),
    )
    const { ready, paused } = await boot()
    expect(paused).toEqual([untouched[1]!.id])
    expect(ready).toEqual([untouched[3]!.id])
    for (const { id } of untouched) expect(await events(id)).toEqual([])
  })

  it('recovers the others when one cannot be read', async () => {
    const { store, run, boot } = await prepare()
    const broken = await run([startEvent(), step('plan')])
    const fine = await run([startEvent(), step('plan')])
    const read = store.readEvents
    store.readEvents = (id, filter) =>
      id === broken ? Promise.reject(new Error('malformed')) : read(id, filter)
    const { ready, logged } = await boot()
    expect(ready).toEqual([fine])
    expect(logged).toEqual(['a run could not be recovered'])
  })
})

describe('a run that brings the server down', () => {
  it('is suspected after two deaths, and ended after three, with every call answered', async () => {
    const { run, boot, events, status } = await prepare()
    const id = await run([startEvent(), answer, step('act'), call('open', 'file_read')])
    const other = await run([startEvent(), step('plan')])
    const die = async () => {
      const { journal, suspects, ready } = await boot()
      // It is worked on again, and the server dies again.
      if (suspects.includes(id)) await journal.append(id, [alone])
      if (suspects.includes(id) || ready.includes(id)) await journal.append(id, [step('act')])
      await journal.append(other, [answer])
      return { suspects, ready }
    }
    expect(await die()).toEqual({ suspects: [], ready: [id, other] })
    expect(await die()).toEqual({ suspects: [id], ready: [other] })
    expect(await status(id)).toBe('running')
    expect(await die()).toEqual({ suspects: [], ready: [other] })

    const after = await events(id)
    expect(after.slice(-4).map(({ kind }) => kind)).toEqual(['recovered', 'tool_result', 'error', 'run_end'])
    expect(payloads(after, 'run_end')).toMatchObject([{ status: 'failed', outcome: 'crash_loop' }])
    expect(payloads(after, 'run_end')[0]).toMatchObject({ reason: expect.stringContaining('died 3 times') })
    expect(await status(id)).toBe('failed')
    expect(await status(other)).toBe('running')
  })

  it('is not suspected of what happened when the server was stopped in order', async () => {
    const { run, boot } = await prepare()
    const id = await run([startEvent(), answer, step('act')])
    for (let count = 0; count < 5; count += 1) {
      const { ready, journal } = await boot({ wasClean: true })
      expect(ready).toEqual([id])
      await journal.append(id, [step('act')])
    }
  })
})
