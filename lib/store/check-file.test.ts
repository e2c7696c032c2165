// A database that cannot be used is refused in words, and stays as it is to the byte.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { logEvent, newRecord } from '#lib/testing/records'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'
import { checkFile } from './check-file.ts'
import { connect } from './libsql.ts'
import { namesOfMigrations } from './migrate.ts'
import { StartRefused } from './start-refused.ts'
import { openStore } from './store.ts'

/** A closed database with some runs. */
async function makeDatabase(runs = 3, eventsEach = 50) {
  const store = await openTempStore()
  for (let count = 0; count < runs; count += 1) {
    const record = await store.newRun()
    const events = Array.from(
      { length: eventsEach },
      (_, index) =>
        ({ ...logEvent('x'.repeat(300)), run_id: record.id, seq: index + 1, ts: 1_780_000_000 }) as RunEvent,
    )
    await store.commit([{ events, record: { ...record, lastSeq: eventsEach } }])
  }
  await store.close()
  return store.file
}

/** Every file beside the database, by name, to compare before and after. */
const bytesIn = (file: string) => {
  const folder = path.dirname(file)
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return Object.fromEntries(
    names.map(entry => [
      entry.name,
      readFileSync(path.join(entry.parentPath, entry.name)).toString('latin1'),
    ]),
  )
}

/** Rejects to open; the sentence. */
async function refusalOf(file: string): Promise<string> {
  const before = bytesIn(file)
  const opened = openStore(file, MIGRATIONS)
  const error = await opened.then(
    async store => {
      await store.close()
      throw new Error('it was opened')
    },
    reason => reason,
  )
  expect(error).toBeInstanceOf(StartRefused)
  expect(Object.keys(bytesIn(file))).toEqual(Object.keys(before))
  expect(bytesIn(file)).toEqual(before)
  return error.message
}

/** Runs SQL in a process of its own that is then killed, so that nothing is tidied up. */
function runAndDie(file: string, ...statements: string[]) {
  const script = `const db = new (require('libsql'))(process.argv[1]); for (const sql of process.argv.slice(2)) db.exec(sql); process.kill(process.pid, 'SIGKILL')`
  const { signal, stderr } = spawnSync(process.execPath, ['-e', script, file, ...statements])
  expect(signal, String(stderr)).toBe('SIGKILL')
}

describe('a damaged database', () => {
  it('that is none at all is refused, with the way back to the newest backup', async () => {
    const file = path.join(tempFolder('check'), 'retrai.db')
    writeFileSync(file, 'no database, but something a person may want to keep '.repeat(200))
    const without = await refusalOf(file)
    expect(without).toContain(
      `the database ${file} is damaged (file is not a database). Nothing was changed.`,
    )
    expect(without).toContain(`There is no backup in ${path.dirname(file)}/backups`)

    mkdirSync(path.join(path.dirname(file), 'backups'))
    for (const day of ['01', '03', '02']) {
      writeFileSync(path.join(path.dirname(file), `backups/retrai-202612${day}T000000000Z-before-x.db`), 'b')
    }
    expect(await refusalOf(file)).toContain(
      `The newest backup is ${path.dirname(file)}/backups/retrai-20261203T000000000Z-before-x.db. To go back to it: mkdir`,
    )
  })

  it('can be put right with the commands that the sentence gives', async () => {
    const file = await makeDatabase()
    const backups = path.join(path.dirname(file), 'backups')
    mkdirSync(backups)
    cpSync(file, path.join(backups, 'retrai-20261203T000000000Z-before-x.db'))
    writeFileSync(file, 'gone')
    writeFileSync(`${file}-wal`, 'a log that must not be merged into the backup')
    const commands = /To go back to it: (.*)$/.exec(await refusalOf(file))?.[1]
    expect(spawnSync('sh', ['-c', commands ?? 'false']).status).toBe(0)
    const store = await openTempStore(file)
    expect(await store.listUnfinished()).toHaveLength(3)
    expect(readFileSync(path.join(path.dirname(file), 'damaged/retrai.db'), 'utf8')).toBe('gone')
  })

  it('that was cut off is refused', async () => {
    const whole = await makeDatabase()
    const { length } = readFileSync(whole)
    for (const size of [1, 50, 511, 4096, 4097, 20_000, length - 4096, length - 1]) {
      const file = path.join(tempFolder('check'), 'retrai.db')
      cpSync(whole, file)
      truncateSync(file, size)
      expect(await refusalOf(file)).toContain('is damaged')
    }
  })

  it('with bytes overwritten in its pages is refused, and so is a crashed one whose log is not merged yet', async () => {
    const whole = await makeDatabase()
    const overwrite = (file: string) => {
      const bytes = readFileSync(file)
      for (let page = 4096 * 3; page < bytes.length; page += 4096) bytes.fill(0xa5, page, page + 64)
      writeFileSync(file, bytes)
    }
    overwrite(whole)
    expect(await refusalOf(whole)).toContain('is damaged')

    const crashed = await makeDatabase()
    runAndDie(
      crashed,
      'PRAGMA locking_mode=EXCLUSIVE',
      'PRAGMA journal_mode=WAL',
      `UPDATE "Run" SET "goal" = 'in the log'`,
    )
    overwrite(crashed)
    expect(existsSync(`${crashed}-wal`)).toBe(true)
    expect(await refusalOf(crashed)).toContain('is damaged')
  })

  it('with bytes flipped anywhere is refused', async () => {
    const whole = readFileSync(await makeDatabase())
    for (let copy = 0; copy < 10; copy += 1) {
      const file = path.join(tempFolder('check'), 'retrai.db')
      const bytes = Buffer.from(whole)
      for (let flips = 0; flips < 100; flips += 1) {
        const at = Math.floor(Math.random() * bytes.length)
        bytes[at] = bytes[at]! ^ (1 + Math.floor(Math.random() * 255))
      }
      writeFileSync(file, bytes)
      expect(await refusalOf(file)).toContain('is damaged')
    }
  })

  it('with text that is no UTF-8 is refused, and does not end the process', async () => {
    const file = await makeDatabase()
    runAndDie(
      file,
      'PRAGMA foreign_keys=OFF',
      `UPDATE "Event" SET payload = CAST(x'7bff' AS TEXT), runId = CAST(x'72ffff' AS TEXT) WHERE seq = 7 AND runId = (SELECT id FROM "Run")`,
    )
    expect(await refusalOf(file)).toContain('is damaged')
  })

  it('too large to be read as a whole is still checked where the server could not work without', async () => {
    const known = namesOfMigrations(MIGRATIONS)
    const file = await makeDatabase()
    const sizes = { thorough: 0, whole: 0 }
    await checkFile(file, known, sizes)
    // Page 2 is the run table's; the events' are behind.
    writeFileSync(file, readFileSync(file).fill(0xa5, 4096, 4096 * 12))
    await expect(checkFile(file, known, sizes)).rejects.toThrow('is damaged')
  })
})

describe('a database', () => {
  it('of a newer version is refused untouched, also with a log that is not merged', async () => {
    const file = await makeDatabase()
    const insert = `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('x', 'y', 1, '29990101000000_future')`
    const connection = connect(file, 0)
    connection.exec(insert)
    connection.exec('ALTER TABLE "Run" ADD COLUMN "future" TEXT')
    connection.close()
    const sentence =
      'the database was written by a newer version (29990101000000_future) and was left as it is'
    expect(await refusalOf(file)).toContain(sentence)

    const crashed = await makeDatabase()
    runAndDie(crashed, 'PRAGMA locking_mode=EXCLUSIVE', 'PRAGMA journal_mode=WAL', insert)
    expect(await refusalOf(crashed)).toContain(sentence)
  })

  it('that a crash left in the middle of a transaction without a log is rolled back and opened', async () => {
    const file = await makeDatabase()
    runAndDie(
      file,
      'PRAGMA cache_size=5',
      'BEGIN',
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO "Event" SELECT (SELECT id FROM "Run"), 1000 + i, 'log', 0, 0, hex(randomblob(300)) FROM n`,
    )
    expect(existsSync(`${file}-journal`)).toBe(true)
    const store = await openTempStore(file)
    const [run] = await store.listUnfinished()
    expect(await store.readEvents(run!.id, { limit: 10_000 })).toHaveLength(50)
  })

  it('whose path has signs that mean something in an address is opened where it is', async () => {
    const folder = path.join(tempFolder('check'), 'a ?mode=ro#b%20ö&c')
    mkdirSync(folder)
    const file = path.join(folder, 'retrai.db')
    const first = await openTempStore(file)
    await first.newRun(newRecord())
    await first.close()
    expect(readdirSync(folder)).toEqual(['retrai.db'])
    expect(await (await openTempStore(file)).listUnfinished()).toHaveLength(1)
  })

  it('that another program holds is refused, and opened once it lets go', async () => {
    const file = await makeDatabase()
    const other = connect(file, 0)
    onTestFinished(() => other.close())
    other.exec('BEGIN EXCLUSIVE')
    const opened = openStore(file, MIGRATIONS)
    setTimeout(() => other.exec('ROLLBACK'), 200)
    await (await opened).close()
    other.exec('BEGIN EXCLUSIVE')
    await expect(openStore(file, MIGRATIONS)).rejects.toThrow(
      /^another program has .*retrai\.db open \(database is locked\)/,
    )
  })
})
