import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { answerEvent, endEvent, gateEvent, logEvent, newRecord, startEvent } from '#lib/testing/records'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'
import { openDb } from './db.ts'
import { PrismaLibSqlOne } from './libsql-one.ts'
import { sortValueOf } from './run-sort.ts'
import { createStore } from './store.ts'
import type { RunRecord, Store } from './types.ts'

/** Stamps events as the journal would, with the row as it is given. */
function appendTo(record: RunRecord, events: NewEvent[], row: Partial<RunRecord> = {}) {
  const stamped = events.map(
    (event, index) =>
      ({ ...event, run_id: record.id, seq: record.lastSeq + 1 + index, ts: 1_780_000_000.123 }) as RunEvent,
  )
  return { events: stamped, record: { ...record, ...row, lastSeq: record.lastSeq + events.length } }
}

const allEvents = (store: Store, runId: string) => store.readEvents(runId, { limit: 1_000_000 })

describe('a run', () => {
  it('comes back as it was stored, with every field', async () => {
    const store = await openTempStore()
    const record = newRecord({
      goal: 'größer 🏔️ "quoted" \\ and\nlines',
      request: {
        goalName: 'shell-goal',
        checkCommand: 'true',
        checkTimeoutMs: 1234,
        successCondition: { exit_code: 'any', output_contains: 'ok' },
        protect: ['tests/**'],
        instructions: 'be quick',
        goals: [
          { goal: 'a', check_command: 'true' },
          { goal: 'pyright', goal_options: { a: 1 } },
        ],
        confirm: 2,
        noProgressIterations: 3,
        network: 'on',
        sandbox: 'off',
        judged: true,
        commandPolicy: { allow: ['git push'], on_ask: 'deny' },
        projectPolicy: { ask: ['docker *'] },
        config: { path: '/p/.retrai.yml', sha256: 'x', isAccepted: false, text: 'goal: a\n', leftOut: [] },
      },
      tags: ['a', 'b,c'],
      idempotency: { key: 'k', hash: 'h' },
      maxCostUsd: 1.25,
      maxTokens: 9_007_199_254_740_991,
      maxMinutes: 0.5,
      phase: 'act',
      iteration: 3,
      failing: 2,
      testsTotal: 5,
      trend: [5, 3, 2],
      insertions: 10,
      deletions: 4,
      totalTokens: 5_000_000_000,
      costUsd: null,
      outcome: 'cost',
      reason: 'why',
      error: 'what',
      finalState: {
        iteration: 3,
        goal_achieved: false,
        goal_reason: 'why',
        total_tokens: 5_000_000_000,
        estimated_cost_usd: null,
        outcome: 'cost',
      },
      gate: { gateId: 'g', iteration: 3, openedAt: 1_780_000_000_123, summary: 's' },
      createdAt: 1_780_000_000_001,
      updatedAt: 1_780_000_000_999,
      endedAt: 1_780_000_001_000,
    })
    await store.createRun(record)
    expect(await store.getRun(record.id)).toEqual(record)
    expect(await store.findByIdempotencyKey('k')).toEqual(record)
    expect(await store.getRun(randomUUID())).toBeNull()
  })

  it('is refused when its Idempotency-Key is taken', async () => {
    const store = await openTempStore()
    await store.newRun({ idempotency: { key: 'same', hash: 'h' } })
    await expect(store.newRun({ idempotency: { key: 'same', hash: 'h' } })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('is found by each filter, and by all of them together', async () => {
    const store = await openTempStore()
    const base = { goal: 'pytest', cwd: '/one', modelName: 'a', createdAt: 1000, tags: ['nightly'] }
    const first = await store.newRun({ ...base, status: 'achieved' })
    const second = await store.newRun({ ...base, goal: 'make it green', cwd: '/two', createdAt: 2000 })
    const third = await store.newRun({ ...base, modelName: 'b', createdAt: 3000, status: 'queued' })
    const find = async (filter: Partial<Parameters<Store['listRuns']>[0]>) =>
      (await store.listRuns({ limit: 10, ...filter })).map(({ id }) => id)
    expect(await find({})).toEqual([third.id, second.id, first.id])
    expect(await find({ status: ['achieved', 'queued'] })).toEqual([third.id, first.id])
    expect(await find({ goal: ['pytest'] })).toEqual([third.id, first.id])
    expect(await find({ goal: ['shell-goal'] })).toEqual([third.id, second.id, first.id])
    expect(await find({ cwd: ['/two'] })).toEqual([second.id])
    expect(await find({ modelName: ['b'] })).toEqual([third.id])
    expect(await find({ since: 2000 })).toEqual([third.id, second.id])
    expect(await find({ text: 'green' })).toEqual([second.id])
    expect(await find({ text: 'nightly' })).toHaveLength(3)
    expect(await find({ text: first.id })).toEqual([first.id])
    expect(await find({ limit: 2 })).toEqual([third.id, second.id])
    expect(await find({ after: { value: 3000, id: third.id } })).toEqual([second.id, first.id])
    expect(await find({ goal: ['pytest'], status: ['achieved'], since: 500 })).toEqual([first.id])
    expect(await store.countByStatus()).toMatchObject({ achieved: 1, running: 1, queued: 1, failed: 0 })
    expect((await store.listUnfinished()).map(({ id }) => id)).toEqual([second.id, third.id])
  })

  it('is told apart from others of the same millisecond by its id, so that pages lose nothing', async () => {
    const store = await openTempStore()
    for (let count = 0; count < 7; count += 1) await store.newRun({ createdAt: 5000 })
    const seen: string[] = []
    let after: { value: number; id: string } | undefined
    for (;;) {
      const page = await store.listRuns({ limit: 2, ...(after ? { after } : {}) })
      if (page.length === 0) break
      seen.push(...page.map(({ id }) => id))
      const last = page.at(-1)!
      after = { value: last.createdAt, id: last.id }
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen).size).toBe(7)
  })
})

describe('a list in another order', () => {
  const runsOf = async () => {
    const store = await openTempStore()
    const rows = [
      { costUsd: 0.1, failing: 3, totalTokens: 10 },
      { costUsd: null, failing: null, totalTokens: 30 },
      { costUsd: 0.30000000000000004, failing: 0, totalTokens: 20 },
      { costUsd: null, failing: 3, totalTokens: 20 },
      { costUsd: 0.1, failing: null, totalTokens: 20 },
    ]
    for (const row of rows) await store.newRun(row)
    return store
  }

  it.each([
    ['cost', [0.1, 0.1, 0.30000000000000004, null, null]],
    ['-cost', [0.30000000000000004, 0.1, 0.1, null, null]],
    ['-failing', [3, 3, 0, null, null]],
    ['tokens', [10, 20, 20, 20, 30]],
  ] as const)('by %s comes whole over pages, what has no value last', async (sort, expected) => {
    const store = await runsOf()
    const seen: (number | null)[] = []
    const ids = new Set<string>()
    let after: { value: number | null; id: string } | undefined
    for (;;) {
      const [run] = await store.listRuns({ limit: 1, sort, ...(after ? { after } : {}) })
      if (!run) break
      after = { value: sortValueOf(run, sort), id: run.id }
      seen.push(after.value)
      ids.add(run.id)
    }
    expect(seen).toEqual(expected)
    expect(ids.size).toBe(5)
  })

  it('is counted by what its runs have in common, of those that are meant', async () => {
    const store = await openTempStore()
    await store.newRun({ cwd: '/one', status: 'achieved' })
    await store.newRun({ cwd: '/two', status: 'achieved' })
    await store.newRun({ cwd: '/two', status: 'failed' })
    expect(await store.countRuns({}, 'cwd')).toEqual([
      { value: '/two', count: 2 },
      { value: '/one', count: 1 },
    ])
    expect(await store.countRuns({ cwd: ['/two'] }, 'status')).toEqual([
      { value: 'achieved', count: 1 },
      { value: 'failed', count: 1 },
    ])
  })
})

describe('a commit', () => {
  it('stores events and row together, and gives the events back to the letter', async () => {
    const store = await openTempStore()
    const record = await store.newRun()
    const hostile = [
      'plain',
      'größer 🏔️ 日本語',
      'nul \u0000 inside',
      'half a pair \ud83d',
      'escape \u001b[31m and "quotes" and \\ and \u2028',
      '',
    ]
    const append = appendTo(
      record,
      hostile.map(text => logEvent(text)),
      { status: 'paused' },
    )
    await store.commit([append])
    expect(await allEvents(store, record.id)).toEqual(append.events)
    expect(await store.getRun(record.id)).toEqual(append.record)
  })

  it('of several runs is all or nothing', async () => {
    const store = await openTempStore()
    const one = await store.newRun()
    const two = await store.newRun()
    const taken = appendTo(two, [logEvent('first')])
    await store.commit([taken])
    await expect(
      store.commit([appendTo(one, [logEvent('lost')]), appendTo(two, [logEvent('seq 1 again')])]),
    ).rejects.toThrow()
    expect(await allEvents(store, one.id)).toEqual([])
    expect(await allEvents(store, two.id)).toEqual(taken.events)
    expect((await store.getRun(one.id))?.lastSeq).toBe(0)
  })

  it('opens a gate and closes it once', async () => {
    const store = await openTempStore()
    const record = await store.newRun()
    const opened = appendTo(record, [gateEvent('g1')])
    await store.commit([opened])
    expect(await store.listGates({ open: true, limit: 10 })).toMatchObject([{ id: 'g1', decision: null }])
    await store.commit([appendTo(opened.record, [answerEvent('g1', 'approve', 'cli')])])
    expect(await store.getGate('g1')).toMatchObject({
      decision: 'approve',
      decidedBy: 'cli',
      runId: record.id,
    })
    const second = appendTo({ ...record, lastSeq: 2 }, [answerEvent('g1', 'abort')])
    await expect(store.commit([second])).rejects.toMatchObject({ code: 'gate_decided' })
    expect(await allEvents(store, record.id)).toHaveLength(2)
    expect(await store.listGates({ open: true, limit: 10 })).toEqual([])
    expect(await store.latestGate(record.id)).toMatchObject({ id: 'g1' })
  })

  it('decides no gate of another run', async () => {
    const store = await openTempStore()
    const owner = await store.newRun()
    const other = await store.newRun()
    await store.commit([appendTo(owner, [gateEvent('g1')])])
    const foreign = appendTo(other, [answerEvent('g1')])
    await expect(store.commit([foreign])).rejects.toMatchObject({ code: 'gate_decided' })
    expect(await store.getGate('g1')).toMatchObject({ decision: null })
  })

  it('takes a thousand events and a megabyte at once', async () => {
    const store = await openTempStore()
    const record = await store.newRun()
    const events = Array.from({ length: 1000 }, (_, index) => logEvent(`${index} ${'x'.repeat(1000)}`))
    const append = appendTo(record, events)
    await store.commit([append])
    expect(await allEvents(store, record.id)).toEqual(append.events)
  })

  it('without room says so, stores nothing, and works again once there is room', async () => {
    const { db } = await openDb(path.join(tempFolder('full'), 'retrai.db'), MIGRATIONS)
    onTestFinished(() => db.$disconnect())
    const store = createStore(db)
    const record = newRecord()
    await store.createRun(record)
    // SQLite's own limit answers SQLITE_FULL, as a full disk does.
    await db.$queryRawUnsafe('PRAGMA max_page_count = 40')
    const big = appendTo(record, [logEvent('x'.repeat(400_000))])
    await expect(store.commit([big])).rejects.toMatchObject({ code: 'disk_full' })
    expect(await allEvents(store, record.id)).toEqual([])
    await db.$queryRawUnsafe('PRAGMA max_page_count = 4000')
    await store.commit([big])
    expect(await allEvents(store, record.id)).toEqual(big.events)
  })
})

describe('events', () => {
  it('are read forwards, backwards and by what they say', async () => {
    const store = await openTempStore()
    const record = await store.newRun()
    const events = [startEvent(), ...[1, 2, 3, 4].map(n => logEvent(`line ${n}`, n)), endEvent({}, 4)]
    await store.commit([appendTo(record, events)])
    const seqs = async (filter: Partial<Parameters<Store['readEvents']>[1]>) =>
      (await store.readEvents(record.id, { limit: 100, ...filter })).map(({ seq }) => seq)
    expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6])
    expect(await seqs({ after: 4 })).toEqual([5, 6])
    expect(await seqs({ after: 1, limit: 2 })).toEqual([2, 3])
    expect(await seqs({ before: 5, limit: 2 })).toEqual([3, 4])
    expect(await seqs({ after: 2, before: 5 })).toEqual([3, 4])
    expect(await seqs({ kinds: ['run_start', 'run_end'] })).toEqual([1, 6])
    expect(await seqs({ iteration: 4 })).toEqual([5, 6])
    expect(await seqs({ q: 'line 3' })).toEqual([4])
    expect(await store.readEvents(randomUUID(), { limit: 10 })).toEqual([])
  })
})

describe('the file', () => {
  it('has everything when it is opened again, and applies no migration twice', async () => {
    const store = await openTempStore()
    expect(store.applied.length).toBeGreaterThan(0)
    const record = await store.newRun()
    const append = appendTo(record, [logEvent('kept')])
    await store.commit([append])
    await store.close()
    const again = await openTempStore(store.file)
    expect(again.applied).toEqual([])
    expect(await again.getRun(record.id)).toEqual(append.record)
    expect(await allEvents(again, record.id)).toEqual(append.events)
  })

  it('syncs every commit, and is locked', async () => {
    const { db } = await openDb(path.join(tempFolder('pragmas'), 'retrai.db'), MIGRATIONS)
    onTestFinished(() => db.$disconnect())
    const pragma = async (name: string) =>
      Object.values(((await db.$queryRawUnsafe(`PRAGMA ${name}`)) as Record<string, unknown>[])[0]!)[0]
    expect(await pragma('journal_mode')).toBe('wal')
    expect(Number(await pragma('synchronous'))).toBe(2)
    expect(await pragma('locking_mode')).toBe('exclusive')
    expect(Number(await pragma('foreign_keys'))).toBe(1)
  })

  it('that could not be used so is not used at all', async () => {
    const url = `file:${path.join(tempFolder('pragmas'), 'retrai.db')}`
    const open = (pragmas: string[]) =>
      new PrismaLibSqlOne({
        url,
        timeoutMs: 0,
        pragmas,
        expected: { journal_mode: 'wal', synchronous: '2' },
      }).createClient({ url })
    expect(() => open(['synchronous=FULL'])).toThrow('with journal_mode=delete instead of wal')
    expect(() => open(['journal_mode=WAL', 'synchronous=NORMAL'])).toThrow('with synchronous=1 instead of 2')
    expect(() => open(['synchronous=FULL'])).not.toThrow() // it is in WAL by now
  })

  it('keeps evidence by its digest, once, and with its run only', async () => {
    const store = await openTempStore()
    const { id: runId } = await store.newRun()
    const evidence = { runId, id: 'abc', iteration: 2, body: Buffer.from([0, 1, 255]) }
    await store.putEvidence(evidence)
    await store.putEvidence({ ...evidence, body: Buffer.from('another') })
    expect(await store.getEvidence(runId, 'abc')).toEqual(Buffer.from([0, 1, 255]))
    expect(await store.getEvidence(runId, 'abd')).toBeNull()
    await expect(store.putEvidence({ ...evidence, runId: 'nobody' })).rejects.toThrow()
  })

  it('answers pings, and not after it was closed', async () => {
    const store = await openTempStore()
    await store.ping()
    await store.close()
    await expect(store.ping()).rejects.toThrow()
  })
})
