// A backup while the server works. VACUUM INTO would hold the one connection, and the thread, until it is done; so the journal
// is copied in small steps between the commits. It is append-only: what was copied stays true. The last step, in one
// transaction, brings what came meanwhile and the rows that change, so the copy is the database of that moment.
import { setImmediate } from 'node:timers/promises'
import type { Db } from './db.ts'

/** A step ends at the first of these. It blocks the thread for a few milliseconds. */
const STEP_EVENTS = 150
const STEP_BYTES = 128 * 1024

type Sql = Pick<Db, '$executeRawUnsafe' | '$queryRawUnsafe'>

/** Copies everything into `file`, which is empty or not there, and lets go of it. It is not synced yet. */
export async function copyInto(
  db: Db,
  file: string,
  signal?: AbortSignal,
): Promise<{ runs: number; events: number }> {
  await db.$executeRawUnsafe('ATTACH ? AS backup', file)
  try {
    // A copy that fails is thrown away, and a whole one is synced when it is finished: it needs neither journal nor sync.
    await db.$queryRawUnsafe('PRAGMA backup.journal_mode=OFF')
    await db.$executeRawUnsafe('PRAGMA backup.synchronous=OFF')
    await copySchema(db)
    let copied = 0
    let last = 0n
    for (;;) {
      signal?.throwIfAborted()
      const step = await nextStep(db, last)
      if (step.isLast) break
      copied += await copyEvents(db, last, step.to)
      last = step.to
      await setImmediate() // whoever waits for the thread or the connection
    }
    // Its turn may be far off while others commit.
    return await db.$transaction(tx => finish(tx, last, copied), { maxWait: 60_000, timeout: 600_000 })
  } finally {
    await db.$executeRawUnsafe('DETACH backup')
  }
}

async function copySchema(db: Db) {
  const parts = await rows<{ sql: string }>(
    db,
    `SELECT sql FROM main.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'table' DESC`,
  )
  for (const { sql } of parts) {
    await db.$executeRawUnsafe(sql.replace(/^CREATE (UNIQUE )?(TABLE|INDEX) /, '$&backup.'))
  }
}

/** Up to which event the next step goes; `isLast` when what is left is small enough for the last one. */
async function nextStep(db: Sql, after: bigint): Promise<{ to: bigint; isLast: boolean }> {
  const next = await rows<{ id: bigint | number; bytes: bigint | number }>(
    db,
    `SELECT rowid AS id, octet_length(payload) AS bytes FROM main."Event" WHERE rowid > ? ORDER BY rowid LIMIT ${STEP_EVENTS}`,
    after,
  )
  let to = after
  let bytes = 0
  for (const row of next) {
    to = BigInt(row.id)
    bytes += Number(row.bytes)
    if (bytes > STEP_BYTES) return { to, isLast: false }
  }
  return { to, isLast: next.length < STEP_EVENTS }
}

async function copyEvents(db: Sql, after: bigint, to: bigint): Promise<number> {
  // The run first: an event refers to it. Its row is brought up to date at the end.
  await db.$executeRawUnsafe(
    `INSERT OR IGNORE INTO backup."Run" SELECT * FROM main."Run" WHERE "id" IN (SELECT "runId" FROM main."Event" WHERE rowid > ? AND rowid <= ?)`,
    after,
    to,
  )
  return db.$executeRawUnsafe(
    `INSERT INTO backup."Event" SELECT * FROM main."Event" WHERE rowid > ? AND rowid <= ? ORDER BY rowid`,
    after,
    to,
  )
}

async function finish(tx: Sql, last: bigint, copied: number) {
  await tx.$executeRawUnsafe('PRAGMA defer_foreign_keys=ON')
  const names = await rows<{ name: string }>(tx, `SELECT name FROM pragma_table_info('Run')`)
  const columns = names.map(({ name }) => `"${name}"`).join(', ')
  const current = `(SELECT ${columns} FROM main."Run" AS now WHERE now."id" = backup."Run"."id")`
  await tx.$executeRawUnsafe(
    `UPDATE backup."Run" SET (${columns}) = ${current} WHERE (${columns}) IS NOT ${current}`,
  )
  await tx.$executeRawUnsafe(`INSERT OR IGNORE INTO backup."Run" SELECT * FROM main."Run"`)
  const tail = await tx.$executeRawUnsafe(
    'INSERT INTO backup."Event" SELECT * FROM main."Event" WHERE rowid > ? ORDER BY rowid',
    last,
  )
  const others = await rows<{ name: string }>(
    tx,
    `SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT IN ('Run', 'Event') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  )
  for (const { name } of others) {
    await tx.$executeRawUnsafe(`INSERT INTO backup."${name}" SELECT * FROM main."${name}"`)
  }
  const [total] = await rows<{ runs: bigint; events: bigint }>(
    tx,
    'SELECT count(*) AS runs, coalesce(sum("lastSeq"), 0) AS events FROM backup."Run"',
  )
  const events = copied + tail
  if (Number(total?.events) !== events) {
    throw new Error(`the runs have ${total?.events} events, but ${events} were copied`)
  }
  return { runs: Number(total?.runs), events }
}

const rows = <T>(db: Sql, sql: string, ...values: unknown[]): Promise<T[]> =>
  db.$queryRawUnsafe<T[]>(sql, ...values)
