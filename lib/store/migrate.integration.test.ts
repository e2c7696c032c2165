// A migration is all or nothing, with a backup before it. KILLS=50 npx vitest run --project integration lib/store/migrate
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startProgram } from '#lib/testing/program'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'
import { checkFile } from './check-file.ts'
import { connect } from './libsql.ts'
import { openStore } from './store.ts'

const KILLS = Number(process.env.KILLS ?? 12)

/** Our migrations and one more. */
function migrationsWith(name: string, sql: string): string {
  const folder = path.join(tempFolder('migrations'), 'migrations')
  cpSync(MIGRATIONS, folder, { recursive: true })
  mkdirSync(path.join(folder, name))
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
  return folder
}

const ROWS = 15_000
/** Takes about as long as the kills are apart, and leaves something behind at each step if it were not one transaction. */
const SLOW = `
  ALTER TABLE "Run" ADD COLUMN "extra" TEXT;
  CREATE TABLE "Extra" ("n" INTEGER PRIMARY KEY, "text" TEXT NOT NULL);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) INSERT INTO "Extra" SELECT i, hex(randomblob(200)) FROM n;
  CREATE INDEX "Extra_text" ON "Extra" ("text");
  UPDATE "Run" SET "extra" = 'done';
`

async function usedDatabase() {
  const store = await openTempStore()
  const { id } = await store.newRun()
  await store.close()
  return { file: store.file, id, backups: path.join(path.dirname(store.file), 'backups') }
}

function valuesOf(file: string, sql: string): unknown[] {
  const connection = connect(':memory:', 1000)
  connection.prepare('ATTACH ? AS it').run(file)
  const values = connection
    .prepare(sql)
    .raw(true)
    .all()
    .map(([value]) => value)
  connection.prepare('DETACH it').run()
  return values
}

it(`killed ${KILLS} times at random moments, a migration is there wholly or not at all, and the database opens`, {
  timeout: 30_000 + KILLS * 8000,
}, async () => {
  const migrations = migrationsWith('29990101000000_slow', SLOW)
  const known = readdirSync(migrations)
  let during = 0
  let whole = 0
  // Learned from each life: how long a start takes that nobody kills.
  let takesMs = 1500
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { file } = await usedDatabase()
    const program = startProgram('open-store', [file, migrations])
    await program.until(out => out.includes('opening'))
    const began = performance.now()
    void program
      .until(out => out.includes('applied'))
      .then(
        () => (takesMs = performance.now() - began),
        () => {},
      )
    await sleep((takesMs * 1.1 * kill) / KILLS)
    await program.kill()
    if (!program.output.out.includes('applied')) during += 1

    await checkFile(file, known)
    const tables = valuesOf(file, "SELECT name FROM it.sqlite_master WHERE name = 'Extra'")
    const applied = valuesOf(file, "SELECT 1 FROM it._prisma_migrations WHERE migration_name LIKE '2999%'")
    expect(tables.length).toBe(applied.length)
    whole += applied.length
    const store = await openStore(file, migrations)
    expect(store.applied).toEqual(applied.length === 1 ? [] : ['29990101000000_slow'])
    expect(await store.listUnfinished()).toHaveLength(1)
    await store.close()
    expect(valuesOf(file, 'SELECT count(*) FROM it.Extra').map(Number)).toEqual([ROWS])
    expect(valuesOf(file, 'SELECT extra FROM it.Run')).toEqual(['done'])
  }
  console.log(`${KILLS} kills, ${during} before the end, ${whole} after the migration: ${KILLS} opened`)
  expect(during).toBeGreaterThan(KILLS / 3)
})

it('is preceded by a backup that opens with the version before, and the newest five are kept', async () => {
  const { file, id, backups } = await usedDatabase()
  expect(readdirSync(path.dirname(file))).toEqual(['retrai.db']) // none for the first schema
  mkdirSync(backups)
  writeFileSync(path.join(backups, 'my own.db'), '')
  writeFileSync(
    path.join(backups, 'retrai-20200101T000000000Z-before-x.db.partial'),
    'of a start that was killed',
  )
  let migrations = MIGRATIONS
  for (let number = 1; number <= 7; number += 1) {
    const folder = migrationsWith(`2999010100000${number}_more`, `CREATE TABLE "More${number}" ("n" INTEGER)`)
    if (migrations !== MIGRATIONS) cpSync(migrations, folder, { recursive: true })
    migrations = folder
    const store = await openStore(file, migrations)
    expect(store.applied).toHaveLength(1)
    await store.close()
  }
  const names = readdirSync(backups)
  expect(names).toContain('my own.db')
  expect(names.map(name => /before-(.*)\.db$/.exec(name)?.[1]).filter(Boolean)).toEqual(
    [3, 4, 5, 6, 7].map(number => `2999010100000${number}_more`),
  )
  expect(names).toHaveLength(6)
  const backup = path.join(backups, names.find(name => name.includes('_more'))!)
  expect(valuesOf(backup, "SELECT name FROM it.sqlite_master WHERE name LIKE 'More%'")).toEqual([
    'More1',
    'More2',
  ])
  for (const number of [3, 4, 5, 6, 7]) {
    rmSync(path.join(migrations, `2999010100000${number}_more`), { recursive: true })
  }
  const before = await openStore(backup, migrations)
  expect(before.applied).toEqual([])
  expect(await before.getRun(id)).toMatchObject({ id })
  await before.close()
})
