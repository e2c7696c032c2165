import path from 'node:path'
import { PrismaClient } from '#gen/sqlite/client'
import { backupBefore } from './backups.ts'
import { checkFile } from './check-file.ts'
import { failureOf } from './failures.ts'
import { PrismaLibSqlOne } from './libsql-one.ts'
import { applyMigrations, namesOfMigrations } from './migrate.ts'
import { retryWhileBusy } from './retry.ts'
import { StartRefused } from './start-refused.ts'

// The application is written against this client; PostgreSQL's generated client has the same models and is cast to it
// once, here, when it comes.
export type Db = PrismaClient

// Short: this wait blocks the thread. The long wait, for a program that holds the lock, is retryWhileBusy's.
const LOCK_WAIT_MS = 25
/** How long a start waits for another program to let go of the file. */
const OPEN_WITHIN_MS = 5000

/** What the log may keep on the disk once it is merged into the file. */
const LOG_BYTES = 8 * 1024 * 1024

// WAL of SQLite before 3.51.3 can damage a file when several connections write at the reset of the log; libsql carries 3.45.1.
// It is met by having one connection: lock.db keeps other servers out, and the exclusive lock everybody else.
const EXCLUSIVE = 'locking_mode=EXCLUSIVE'
const PRAGMAS = ['journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON', `journal_size_limit=${LOG_BYTES}`]

export interface OpenOptions {
  /** Only for tests: lets a second process at the file, so that its lock can be met. */
  shared?: boolean
}

/**
 * Opens the SQLite file and brings it to this version's schema. Rejects with StartRefused, and leaves the file as it is, when it
 * is damaged, newer than this version, or held by another program.
 */
export async function openDb(
  file: string,
  migrations: string,
  { shared = false }: OpenOptions = {},
): Promise<{ db: Db; applied: string[] }> {
  const open = async () => {
    await checkFile(file, namesOfMigrations(migrations))
    const factory = new PrismaLibSqlOne({
      url: `file:${file}`,
      timeoutMs: LOCK_WAIT_MS,
      pragmas: shared ? PRAGMAS : [EXCLUSIVE, ...PRAGMAS],
      // Anything else would lose what was acknowledged, so it is asked for, not hoped for.
      expected: { journal_mode: 'wal', synchronous: '2' },
    })
    const adapter = await factory.connect()
    try {
      const vacuumInto = (copy: string) =>
        adapter.executeRaw({
          sql: 'VACUUM INTO ?',
          args: [copy],
          argTypes: [{ scalarType: 'string', arity: 'scalar' }],
        })
      const applied = await applyMigrations(adapter, migrations, name =>
        backupBefore(name, path.dirname(file), vacuumInto),
      )
      const db = new PrismaClient({ adapter: factory })
      await db.$connect()
      return { db, applied }
    } catch (error) {
      await adapter.dispose()
      throw error
    }
  }
  try {
    return await retryWhileBusy(open, OPEN_WITHIN_MS)
  } catch (error) {
    if (failureOf(error) === 'disk_full') {
      throw new StartRefused(`the disk of ${path.dirname(file)} is full; free some space, then start again`)
    }
    if (failureOf(error) !== 'busy') throw error
    throw new StartRefused(
      `another program has ${file} open (database is locked); close it, then start again, or use another --data-dir`,
    )
  }
}
