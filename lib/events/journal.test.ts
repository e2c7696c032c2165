import { randomUUID } from 'node:crypto'
import { setImmediate as tick } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import type { Append, Store } from '#lib/store/types'
import {
  answerEvent,
  endEvent,
  gateEvent,
  logEvent,
  newRecord,
  startEvent,
  usageEvent,
} from '#lib/testing/records'
import { openTempStore } from '#lib/testing/temp-store'
import { createJournal } from './journal.ts'
import { project } from './projection.ts'

const stored = (store: Store, runId: string) => store.readEvents(runId, { limit: 1_000_000 })
const seqsOf = (events: RunEvent[]) => events.map(({ seq }) => seq)
const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, index) => from + index)

/** A store that counts its commits, and refuses them while `fault` is set. */
function watched(store: Store) {
  const commits: Append[][] = []
  const watch = {
    commits,
    fault: null as Error | null,
    store: {
      ...store,
      commit: async (appends: Append[]) => {
        commits.push(appends)
        if (watch.fault) throw watch.fault
        await store.commit(appends)
      },
    },
  }
  return watch
}

async function collect(batches: AsyncIterable<RunEvent[]>): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const batch of batches) events.push(...batch)
  return events
}

describe('append', () => {
  it('gives each run its own seq, gapless and in the order of the calls, however many append at once', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const runs = await Promise.all([1, 2, 3, 4].map(() => store.newRun()))
    const results = await Promise.all(
      upTo(200).map(number => {
        const run = runs[number % runs.length]!
        return journal.append(
          run.id,
          upTo(1 + (number % 3)).map(part => logEvent(`${number}.${part}`)),
        )
      }),
    )
    for (const { id } of runs) {
      const events = await stored(store, id)
      expect(seqsOf(events)).toEqual(upTo(events.length))
      // Call order: the numbers only grow.
      const messages = events.map(event => (event.kind === 'log' ? Number(event.payload.message) : 0))
      expect(messages).toEqual([...messages].sort((a, b) => a - b))
      expect(events).toEqual(results.flat().filter(event => event.run_id === id))
    }
  })

  it('commits what one tick appends at once', async () => {
    const watch = watched(await openTempStore())
    const journal = createJournal({ store: watch.store })
    const runs = [newRecord(), newRecord()]
    for (const run of runs) await watch.store.createRun(run)
    for (const { id } of runs) await journal.record(id)
    await Promise.all(upTo(50).map(n => journal.append(runs[n % 2]!.id, [logEvent(`${n}`)])))
    expect(watch.commits.length).toBeLessThanOrEqual(2)
  })

  it('lets the row follow from the events', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store, now: () => 1_780_000_000_123 })
    const run = await store.newRun({ status: 'queued' })
    const events = [startEvent(), usageEvent(), gateEvent('g'), answerEvent('g'), usageEvent(), endEvent()]
    for (const event of events) {
      const [stamped] = await journal.append(run.id, [event])
      expect(stamped).toMatchObject({ run_id: run.id, ts: 1_780_000_000.123, kind: event.kind })
      const folded = (await stored(store, run.id)).reduce(project, run)
      expect(await store.getRun(run.id)).toEqual(folded)
      expect(await journal.record(run.id)).toEqual(folded)
    }
    expect(await store.getRun(run.id)).toMatchObject({ status: 'achieved', totalTokens: 240, lastSeq: 6 })
  })

  it('of a second decision fails alone, whatever shares its commit', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    const other = await store.newRun()
    await journal.append(run.id, [gateEvent('g1')])
    const answers = await Promise.allSettled([
      journal.append(run.id, [logEvent('before')]),
      journal.append(run.id, [answerEvent('g1', 'approve', 'first')]),
      journal.append(other.id, [logEvent('elsewhere')]),
      journal.append(run.id, [answerEvent('g1', 'abort', 'second')]),
      journal.append(run.id, [logEvent('after')]),
    ])
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(answers[3]).toMatchObject({ reason: { code: 'gate_decided' } })
    const events = await stored(store, run.id)
    expect(events.map(({ kind }) => kind)).toEqual([
      'human_check_required',
      'log',
      'human_check_response',
      'log',
    ])
    expect(seqsOf(events)).toEqual([1, 2, 3, 4])
    expect(await store.getGate('g1')).toMatchObject({ decision: 'approve', decidedBy: 'first' })
    expect(await stored(store, other.id)).toHaveLength(1)
  })

  it('after the end is refused, in the same tick too, and leaves nothing', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    const late = await Promise.allSettled([
      journal.append(run.id, [startEvent(), endEvent()]),
      journal.append(run.id, [logEvent('late')]),
      journal.append(run.id, [endEvent()]),
    ])
    expect(late.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(late[1]).toMatchObject({ reason: { code: 'run_not_active' } })
    await expect(journal.append(run.id, [logEvent('later')])).rejects.toMatchObject({
      code: 'run_not_active',
    })
    expect((await stored(store, run.id)).map(({ kind }) => kind)).toEqual(['run_start', 'run_end'])
  })

  it('with something behind run_end is refused as a whole', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await expect(journal.append(run.id, [endEvent(), logEvent('late')])).rejects.toMatchObject({
      code: 'run_not_active',
    })
    expect(await stored(store, run.id)).toEqual([])
  })

  it('is not refused for an end that was never stored', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await journal.append(run.id, [gateEvent('g1')])
    await journal.append(run.id, [answerEvent('g1', 'approve')])
    const [end, note] = await Promise.allSettled([
      journal.append(run.id, [answerEvent('g1', 'abort'), endEvent({ status: 'aborted', achieved: false })]),
      journal.append(run.id, [logEvent('the run goes on')]),
    ])
    expect(end.status).toBe('rejected')
    expect(note.status).toBe('fulfilled')
    expect(await store.getRun(run.id)).toMatchObject({ status: 'running', lastSeq: 3 })
  })

  it('that cannot be stored is shown to nobody, and the next one takes its place', async () => {
    const watch = watched(await openTempStore())
    const journal = createJournal({ store: watch.store })
    const run = newRecord()
    await watch.store.createRun(run)
    const seen: RunEvent[] = []
    await journal.onAppend(run.id, events => seen.push(...events))
    watch.fault = new Error('no room')
    await expect(journal.append(run.id, [logEvent('lost')])).rejects.toThrow('no room')
    watch.fault = null
    await journal.append(run.id, [logEvent('kept')])
    expect(seen).toMatchObject([{ seq: 1, payload: { message: 'kept' } }])
    expect(await stored(watch.store, run.id)).toEqual(seen)
  })

  it('is stored and told to others even if one listener fails', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const [run, other] = [await store.newRun(), await store.newRun()]
    await journal.onAppend(run.id, () => {
      throw new Error('a broken listener')
    })
    const following = collect(journal.follow(run.id))
    const [broken, fine] = await Promise.allSettled([
      journal.append(run.id, [endEvent()]),
      journal.append(other.id, [logEvent('unharmed')]),
    ])
    expect(broken).toMatchObject({ status: 'rejected', reason: { message: 'a broken listener' } })
    expect(fine.status).toBe('fulfilled')
    expect(await following).toEqual(await stored(store, run.id))
    await journal.idle()
  })

  it('to an unknown run is refused, like every other question about it', async () => {
    const journal = createJournal({ store: await openTempStore() })
    const id = randomUUID()
    const unknown = { code: 'run_not_found' }
    await expect(journal.append(id, [logEvent('x')])).rejects.toMatchObject(unknown)
    await expect(journal.record(id)).rejects.toMatchObject(unknown)
    await expect(collect(journal.follow(id))).rejects.toMatchObject(unknown)
    await expect(journal.onAppend(id, () => {})).rejects.toMatchObject(unknown)
    await expect(journal.onEphemeral(id, () => {})).rejects.toMatchObject(unknown)
  })

  it('goes on after the last seq when the file was closed and opened again', async () => {
    const store = await openTempStore()
    const run = await store.newRun()
    await createJournal({ store }).append(run.id, [startEvent(), logEvent('one')])
    await store.close()
    const again = await openTempStore(store.file)
    const journal = createJournal({ store: again })
    expect(seqsOf(await journal.append(run.id, [logEvent('two')]))).toEqual([3])
    expect(seqsOf(await stored(again, run.id))).toEqual([1, 2, 3])
  })
})

describe('a commit whose failure came after the last byte', () => {
  it('counts as stored, alone and among others, and the run goes on with the next seq', async () => {
    const store = await openTempStore()
    let isLying = false
    const journal = createJournal({
      store: {
        ...store,
        async commit(appends) {
          await store.commit(appends)
          if (isLying) throw new Error('SQLITE_IOERR: disk I/O error')
        },
      },
    })
    const runs = await Promise.all([1, 2, 3].map(() => store.newRun()))
    const followed = runs.map(({ id }) => collect(journal.follow(id)))
    isLying = true
    await journal.append(runs[0]!.id, [logEvent('alone'), logEvent('and one more')])
    await Promise.all(runs.map(({ id }) => journal.append(id, [logEvent('together')])))
    isLying = false
    await Promise.all(runs.map(({ id }) => journal.append(id, [endEvent()])))
    const seen = await Promise.all(followed)
    expect(seen.map(seqsOf)).toEqual([upTo(4), upTo(2), upTo(2)])
    expect(seen).toEqual(await Promise.all(runs.map(({ id }) => stored(store, id))))
  })
})

describe('follow', () => {
  it('shows nothing that the database does not give back', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    const check = (async () => {
      for await (const events of journal.follow(run.id)) {
        const known = await store.readEvents(run.id, { after: events[0]!.seq - 1, limit: events.length })
        expect(known).toEqual(events)
      }
    })()
    for (const number of upTo(30)) await journal.append(run.id, [logEvent(`${number}`)])
    await journal.append(run.id, [endEvent()])
    await check
  })

  it('gives an ended run from the database, whole or from any point, and ends', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await journal.append(run.id, [...upTo(2500).map(n => logEvent(`${n}`)), endEvent()])
    expect(seqsOf(await collect(journal.follow(run.id)))).toEqual(upTo(2501))
    expect(seqsOf(await collect(journal.follow(run.id, { after: 2499 })))).toEqual([2500, 2501])
    expect(await collect(journal.follow(run.id, { after: 2501 }))).toEqual([])
    expect(await collect(journal.follow(run.id, { after: 9999 }))).toEqual([])
  })

  it('leaves sockets their turn while many catch up with a long history', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await journal.append(run.id, [...upTo(2500).map(n => logEvent(`${n}`)), endEvent()])
    let pages = 0
    let isOver = false
    const followers = upTo(20).map(async () => {
      for await (const _ of journal.follow(run.id)) pages += 1
    })
    const over = Promise.all(followers).then(() => {
      isOver = true
    })
    let most = 0
    while (!isOver) {
      const before = pages
      await tick()
      most = Math.max(most, pages - before)
    }
    await over
    expect(pages).toBeGreaterThan(20 * 40)
    expect(most).toBeLessThanOrEqual(2)
  })

  it('ends when its signal aborts: while it waits, while it is read, and before it begins', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await journal.append(run.id, [logEvent('one')])

    const waiting = new AbortController()
    const events: RunEvent[] = []
    for await (const batch of journal.follow(run.id, { signal: waiting.signal })) {
      events.push(...batch)
      setImmediate(() => waiting.abort())
    }
    expect(seqsOf(events)).toEqual([1])

    const reading = new AbortController()
    let batches = 0
    for await (const _ of journal.follow(run.id, { signal: reading.signal })) {
      batches += 1
      reading.abort()
    }
    expect(batches).toBe(1)
    expect(await collect(journal.follow(run.id, { signal: AbortSignal.abort() }))).toEqual([])
  })

  it('can be left at any time', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await journal.append(run.id, [logEvent('one')])
    for await (const _ of journal.follow(run.id)) break
    await journal.append(run.id, [logEvent('two'), endEvent()])
    expect(seqsOf(await collect(journal.follow(run.id)))).toEqual([1, 2, 3])
  })

  it('waits for what comes when it is asked to start behind the newest event', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    await journal.append(run.id, [logEvent('one')])
    const following = collect(journal.follow(run.id, { after: 2 }))
    await journal.append(run.id, [logEvent('two')])
    await journal.append(run.id, [logEvent('three'), endEvent()])
    expect(seqsOf(await following)).toEqual([3, 4])
  })

  it('gives every follower exactly after+1 … n in order, whatever the interleaving', {
    timeout: 60_000,
  }, async () => {
    const store = await openTempStore()
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          type: fc.constant('append' as const),
          sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ type: 'flood' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constant('follow' as const),
          after: fc.nat(120),
          pause: fc.nat(3),
          drop: fc.boolean(),
        }),
      },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ticks: fc.nat(4) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async steps => {
        const journal = createJournal({ store })
        const run = await store.newRun()
        const append = (size: number) =>
          journal.append(
            run.id,
            upTo(size).map(n => logEvent(`${n}`)),
          )
        const work: Promise<unknown>[] = []
        const followers: { after: number; dropped: boolean; seqs: number[] }[] = []
        const follow = async (after: number, pause: number, isDropping: boolean) => {
          const follower = { after, dropped: false, seqs: [] as number[] }
          followers.push(follower)
          for await (const events of journal.follow(run.id, { after })) {
            follower.seqs.push(...seqsOf(events))
            for (let index = 0; index < pause; index += 1) await tick()
            if (isDropping && follower.seqs.length > 30) {
              follower.dropped = true
              return
            }
          }
        }
        work.push(follow(0, 0, false))
        for (const action of steps) {
          if (action.type === 'append') for (const size of action.sizes) work.push(append(size))
          if (action.type === 'flood') work.push(append(700)) // more than the journal keeps in memory
          if (action.type === 'follow') work.push(follow(action.after, action.pause, action.drop))
          if (action.type === 'wait') for (let index = 0; index < action.ticks; index += 1) await tick()
        }
        await journal.idle()
        work.push(journal.append(run.id, [endEvent()]))
        work.push(follow(3, 1, false)) // comes with the end
        await Promise.all(work)
        await follow(0, 0, false) // and after it

        const events = await stored(store, run.id)
        expect(seqsOf(events)).toEqual(upTo(events.length))
        for (const { after, dropped, seqs } of followers) {
          const due = upTo(events.length).filter(seq => seq > after)
          expect(seqs).toEqual(dropped ? due.slice(0, seqs.length) : due)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('listening', () => {
  it('hears of events in order, before their append resolves, and no more once it stopped', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store })
    const run = await store.newRun()
    const log: string[] = []
    const stop = await journal.onAppend(run.id, events => log.push(`heard ${seqsOf(events)}`))
    const stopRecords = journal.onRecord(record => log.push(`row ${record.lastSeq}`))
    await journal.append(run.id, [logEvent('a'), logEvent('b')]).then(() => log.push('resolved'))
    expect(log).toEqual(['heard 1,2', 'row 2', 'resolved'])
    stop()
    stopRecords()
    await journal.append(run.id, [logEvent('c')])
    expect(log).toHaveLength(3)
  })

  it('passes ephemeral events to those who listen now, without seq, and stores none', async () => {
    const store = await openTempStore()
    const journal = createJournal({ store, now: () => 5000 })
    const run = await store.newRun()
    const heard: unknown[] = []
    const event = { kind: 'text_delta', iteration: 1, payload: { text: 'hel' } } as const
    journal.publish(run.id, event)
    const stop = await journal.onEphemeral(run.id, ephemeral => heard.push(ephemeral))
    journal.publish(run.id, event)
    journal.publish(randomUUID(), event)
    await tick()
    stop()
    journal.publish(run.id, event)
    await tick()
    expect(heard).toEqual([{ ...event, run_id: run.id, ts: 5 }])
    expect(await stored(store, run.id)).toEqual([])
  })
})

describe('the row', () => {
  const anyEvent: fc.Arbitrary<NewEvent> = fc.oneof(
    fc.constant(startEvent()),
    fc.constant(logEvent('x')),
    fc
      .record({ input_tokens: fc.nat(1e6), cost_usd: fc.option(fc.double({ min: 0, max: 9, noNaN: true })) })
      .map(usage => usageEvent(usage)),
    fc
      .record({ node: fc.constantFrom('plan', 'act', 'evaluate', 'human_check') })
      .map(payload => ({ kind: 'step_start', iteration: 2, payload }) as NewEvent),
    fc.constant({
      kind: 'paused',
      iteration: 1,
      payload: { reason: 'model_quota', detail: 'no money', retry_at: null },
    } as NewEvent),
    fc.constant({
      kind: 'config_changed',
      iteration: 1,
      payload: { changes: { max_iterations: 7, max_cost_usd: null }, by: 'api' },
    } as NewEvent),
    fc.constant({
      kind: 'error',
      iteration: 1,
      payload: { message: 'oh', traceback: '', code: null },
    } as NewEvent),
  )

  it('is the fold of the events, however they were batched', async () => {
    const store = await openTempStore()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        async batches => {
          const journal = createJournal({ store })
          const run = await store.newRun({ status: 'queued' })
          await Promise.all(batches.map(events => journal.append(run.id, events)))
          const events = await stored(store, run.id)
          expect(events).toHaveLength(batches.flat().length)
          expect(await store.getRun(run.id)).toEqual(events.reduce(project, run))
        },
      ),
      { numRuns: 30 },
    )
  })
})
