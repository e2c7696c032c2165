import { PrismaClient } from '#gen/sqlite/client'
import { PrismaLibSqlOne } from './libsql-one.ts'
import { applyMigrations } from './migrate.ts'

// The application is written against this client; PostgreSQL's generated client has the same models and is cast to it
// once, here, when it comes.
export type Db = PrismaClient

// Short: the wait blocks the thread. One process has one connection, so nobody is waited for in normal life.
const LOCK_WAIT_MS = 250

/** Opens the SQLite file and brings it to this version's schema. A second process on the same file is refused. */
export async function openDb(file: string, migrations: string): Promise<{ db: Db; applied: string[] }> {
  const factory = new PrismaLibSqlOne({
    url: `file:${file}`,
    timeoutMs: LOCK_WAIT_MS,
    pragmas: ['locking_mode=EXCLUSIVE', 'journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON'],
  })
  const applied = await applyMigrations(factory, migrations)
  const db = new PrismaClient({ adapter: factory })
  await db.$connect()
  return { db, applied }
}
