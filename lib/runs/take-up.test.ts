// When runs go on that hold for something: each wait ends by what it waits for.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NewEvent } from '#lib/contract/event'
import { createJournal } from '#lib/events/journal'
import { startEvent } from '#lib/testing/records'
import { openTempStore } from '#lib/testing/temp-store'
import { waitFor } from '#lib/testing/wait-for'
import { createTakeUp } from './take-up.ts'

const paused = (reason: 'disk_full' | 'model_quota', retryAt: number | null): NewEvent => ({
  kind: 'paused',
  iteration: 1,
  payload: { reason, detail: 'not now', retry_at: retryAt },
})

async function prepare() {
  const store = await openTempStore()
  // The clock of the journal can be set.
  let skew = 0
  const journal = createJournal({ store, now: () => Date.now() + skew })
  const pushed: string[] = []
  let hasRoom = false
  let refilled = 0
  const takeUp = createTakeUp({
    store,
    journal,
    queue: { push: runId => pushed.push(runId), isBusy: () => false },
    disk: {
      hasRoom: async () => hasRoom,
      refill: async () => {
        refilled += 1
      },
    },
    suspectDelayMs: 1,
    aloneMs: 300,
    log: () => {},
  })
  onTestFinished(() => takeUp.close())
  return {
    store,
    journal,
    takeUp,
    pushed,
    setClock: (ms: number) => {
      skew = ms
    },
    makeRoom: () => {
      hasRoom = true
    },
    refilled: () => refilled,
    async run(...events: NewEvent[]) {
      const record = await store.newRun()
      await journal.append(record.id, [startEvent(), ...events])
      return journal.record(record.id)
    },
    kinds: async (runId: string) => (await store.readEvents(runId, { limit: 99 })).map(({ kind }) => kind),
  }
}

describe('a paused run', () => {
  it('goes on when its wait is over, and says so', async () => {
    const { run, takeUp, pushed, kinds } = await prepare()
    const { id } = await run(paused('model_quota', Date.now() / 1000 + 0.05))
    await takeUp.scheduleRetry(id)
    await waitFor('it is pushed', () => pushed.includes(id))
    expect(await kinds(id)).toEqual(['run_start', 'paused', 'resumed'])
  })

  it('waits as long as it was meant to, whatever the clock says, and in a later life only what is left', async () => {
    const { run, takeUp, pushed, setClock } = await prepare()
    setClock(-3_600_000) // the pause begins with a clock that is an hour behind; it is right again at once
    const fresh = await run(paused('model_quota', Date.now() / 1000 - 3600 + 30))
    const old = await run(paused('model_quota', Date.now() / 1000 - 3600 + 30))
    await takeUp.scheduleRetry(fresh.id)
    takeUp.takeUp({ ready: [], suspects: [], paused: [old] })
    await waitFor('the old one is pushed', () => pushed.includes(old.id))
    expect(pushed).toEqual([old.id])
  })

  it('does not wait longer than it was meant to when the clock is set back meanwhile', async () => {
    const { run, takeUp, pushed, setClock } = await prepare()
    setClock(3_600_000) // an hour ahead when it pauses; the clock is right again when the wait is reckoned
    const { id } = await run(paused('model_quota', Date.now() / 1000 + 3600.1))
    await takeUp.scheduleRetry(id)
    await waitFor('it is pushed', () => pushed.includes(id), { limitMs: 5000 })
  })

  it('for want of room goes on as soon as there is some, behind a new ballast', async () => {
    const { run, takeUp, pushed, makeRoom, refilled } = await prepare()
    const { id } = await run(paused('disk_full', null))
    await takeUp.scheduleRetry(id)
    await sleep(30)
    expect(pushed).toEqual([])
    makeRoom()
    await waitFor('it is pushed', () => pushed.includes(id))
    expect(refilled()).toBe(1)
  })

  it('that a person aborted meanwhile is left alone', async () => {
    const { run, takeUp, pushed, journal, kinds } = await prepare()
    const record = await run(paused('model_quota', Date.now() / 1000 + 1))
    await takeUp.scheduleRetry(record.id)
    await journal.append(record.id, [
      {
        kind: 'run_end',
        iteration: 1,
        payload: {
          achieved: false,
          iterations: 1,
          total_tokens: 0,
          status: 'aborted',
          outcome: 'aborted',
          reason: 'enough',
          estimated_cost_usd: 0,
          duration_ms: 1,
        },
      },
    ])
    const other = await run(paused('model_quota', Date.now() / 1000 + 1.1))
    await takeUp.scheduleRetry(other.id)
    await waitFor('the later one is pushed', () => pushed.includes(other.id))
    expect(pushed).toEqual([other.id])
    expect((await kinds(record.id)).at(-1)).toBe('run_end')
  })
})

describe('suspects', () => {
  const step: NewEvent = { kind: 'step_start', iteration: 1, payload: { node: 'act' } }
  const call: NewEvent = {
    kind: 'tool_call',
    iteration: 1,
    payload: { call_id: 'a', tool: 'bash_exec', args: {} },
  }

  it('are tried alone, the worst of them, and the others go on when it has come further', async () => {
    const { run, takeUp, pushed, journal, kinds } = await prepare()
    const [worst, other, ready] = [await run(), await run(), await run()]
    takeUp.takeUp({ ready: [ready], suspects: [worst, other], paused: [] })
    expect(takeUp.whyNotInLine(worst.id)?.reason).toContain('died')
    expect(takeUp.whyNotInLine(ready.id)?.reason).toContain('alone first')
    await waitFor('the worst is pushed', () => pushed.length === 1)
    // What says so is what tells a life in which it was worked on from one in which it only waited.
    expect((await kinds(worst.id)).at(-1)).toBe('log')
    await journal.append(worst.id, [step])
    await sleep(30)
    expect(pushed).toEqual([worst.id])
    await journal.append(worst.id, [call])
    expect(pushed).toEqual([worst.id, ready.id, other.id])
    expect(takeUp.whyNotInLine(ready.id)).toBeNull()
  })

  it('hold up the others only for a while', async () => {
    const { run, takeUp, pushed, kinds } = await prepare()
    const [worst, ready] = [await run(), await run()]
    takeUp.takeUp({ ready: [ready], suspects: [worst], paused: [] })
    await waitFor('the other goes on', () => pushed.includes(ready.id))
    expect(await kinds(worst.id)).toEqual(['run_start', 'log', 'log'])
  })
})
