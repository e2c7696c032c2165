// Another process holds the database: what needs it waits, the thread does not, and nothing is lost or done twice.
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PrismaClient } from '#gen/sqlite/client'
import type { RunEvent } from '#lib/contract/event'
import { startProgram } from '#lib/testing/program'
import { logEvent, newRecord } from '#lib/testing/records'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'
import { waitFor } from '#lib/testing/wait-for'
import { openDb } from './db.ts'
import { connect } from './libsql.ts'
import { PrismaLibSqlOne } from './libsql-one.ts'
import { createStore } from './store.ts'
import type { RunRecord } from './types.ts'

/** A store whose file others may lock; only tests have that. */
async function openShared(busyLimitMs?: number) {
  const file = path.join(tempFolder('busy'), 'retrai.db')
  const { db } = await openDb(file, MIGRATIONS, { shared: true })
  onTestFinished(() => db.$disconnect())
  const store = createStore(db, busyLimitMs === undefined ? {} : { busyLimitMs })
  const record = newRecord()
  await store.createRun(record)
  return { file, store, record }
}

async function lock(file: string) {
  const program = startProgram('hold-lock', [file])
  await program.until(out => out.includes('locked'))
  return {
    async release() {
      program.say('release')
      expect(await program.exited).toBe(0)
    },
  }
}

function appendTo(record: RunRecord, texts: string[]) {
  const events = texts.map(
    (text, index) =>
      ({
        ...logEvent(text),
        run_id: record.id,
        seq: record.lastSeq + 1 + index,
        ts: 1_780_000_000,
      }) as RunEvent,
  )
  return { events, record: { ...record, lastSeq: record.lastSeq + events.length } }
}

/** How long the loop was held up beyond a timer of 5 ms, of ten turns the second worst: machines under test are busy. */
function watchLoop() {
  const late: number[] = []
  let last = performance.now()
  const timer = setInterval(() => {
    late.push(performance.now() - last - 5)
    last = performance.now()
  }, 5)
  onTestFinished(() => clearInterval(timer))
  return () => late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.9)] ?? 0
}

describe('while another process holds the write lock', () => {
  it('commits and creates wait, reads answer, the loop goes on, and then everything is stored once', async () => {
    const { file, store, record } = await openShared()
    const holder = await lock(file)
    const worst = watchLoop()
    let settled = 0
    const other = newRecord()
    const append = appendTo(record, ['one', 'two'])
    const waiting = [store.commit([append]), store.createRun(other)].map(work =>
      work.then(() => (settled += 1)),
    )
    let reads = 0
    await waitFor('it has waited for a second, and read meanwhile', async () => {
      expect((await store.getRun(record.id))?.lastSeq).toBe(0)
      reads += 1
      return reads > 30
    })
    expect(settled).toBe(0)
    await holder.release()
    await Promise.all(waiting)
    expect(await store.readEvents(record.id, { limit: 10 })).toEqual(append.events)
    expect(await store.getRun(other.id)).toMatchObject({ id: other.id })
    expect(worst()).toBeLessThan(50)
  })

  it('for longer than the limit, the answer is database_busy with Retry-After, and nothing was stored', async () => {
    const { file, store, record } = await openShared(150)
    const holder = await lock(file)
    const refused = { code: 'database_busy', headers: { 'Retry-After': '5' } }
    await expect(store.commit([appendTo(record, ['one'])])).rejects.toMatchObject(refused)
    await expect(store.createRun(newRecord())).rejects.toMatchObject(refused)
    await holder.release()
    expect(await store.readEvents(record.id, { limit: 10 })).toEqual([])
    await store.commit([appendTo(record, ['again'])])
    expect((await store.getRun(record.id))?.lastSeq).toBe(1)
  })
})

describe('a COMMIT that finds the lock held', () => {
  // Without WAL, a reader keeps a writer from committing: the one way to make COMMIT itself fail.
  async function openWithoutWal() {
    const first = await openTempStore()
    const record = await first.newRun()
    await first.close()
    const factory = new PrismaLibSqlOne({
      url: `file:${first.file}`,
      timeoutMs: 5,
      pragmas: ['foreign_keys=ON'],
    })
    const reader = connect(first.file, 0)
    onTestFinished(() => reader.close())
    const read = () => {
      reader.exec('BEGIN')
      reader.exec('SELECT count(*) FROM "Run"')
      reader.prepare('SELECT count(*) FROM "Run"').raw(true).all()
    }
    return { factory, file: first.file, record, read, stopReading: () => reader.exec('ROLLBACK') }
  }

  it('is rolled back, so that nothing of it is left when it is tried again', async () => {
    const { factory, file, read, stopReading } = await openWithoutWal()
    const client = factory.createClient({ url: `file:${file}` })
    onTestFinished(() => client.close())
    const insert = `INSERT INTO "Gate" ("id", "runId", "iteration", "summary", "openedAt") SELECT 'g', "id", 1, '', 0 FROM "Run"`
    read()
    const first = await client.transaction('write')
    await first.execute(insert)
    await expect(first.commit()).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
    expect(first.closed).toBe(true)
    stopReading()
    const second = await client.transaction('write')
    await second.execute(insert) // a gate of that name would be there already
    await second.commit()
    expect((await client.execute('SELECT count(*) FROM "Gate"')).rows).toHaveLength(1)
  })

  it('is repeated by the store until it succeeds, once', async () => {
    const { factory, record, read, stopReading } = await openWithoutWal()
    const db = new PrismaClient({ adapter: factory })
    onTestFinished(() => db.$disconnect())
    const store = createStore(db)
    read()
    const append = appendTo(record, ['one', 'two'])
    let isDone = false
    const committed = store.commit([append]).then(() => {
      isDone = true
    })
    setTimeout(stopReading, 300)
    await committed
    expect(isDone).toBe(true)
    expect(await store.readEvents(record.id, { limit: 10 })).toEqual(append.events)
  })
})
