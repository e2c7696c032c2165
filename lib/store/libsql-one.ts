// A one-connection SQLite client for Prisma's libsql adapter. The adapter already queues every query behind an open
// transaction, so one connection is enough; the stock client opens a new one per transaction, which leaks descriptors
// and loses the PRAGMAs.
import type { Client, InStatement } from '@libsql/client'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { type Connection, connect, type Statement } from './libsql.ts'
import { StartRefused } from './start-refused.ts'

const toSql = (value: unknown): unknown =>
  value === true
    ? 1
    : value === false
      ? 0
      : value instanceof Date
        ? value.valueOf()
        : value instanceof ArrayBuffer
          ? Buffer.from(value)
          : value

const fromSql = (value: unknown): unknown =>
  Buffer.isBuffer(value) ? value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) : value

function perform(statement: Statement, values: unknown[]) {
  if (!statement.reader) {
    return { columns: [], columnTypes: [], rows: [], rowsAffected: statement.run(...values).changes }
  }
  const columns = statement.columns()
  const rows = statement.raw(true).all(...values)
  return {
    columns: columns.map(column => column.name),
    columnTypes: columns.map(column => column.type ?? ''),
    rows: rows.map(row => row.map(fromSql)),
    rowsAffected: 0,
  }
}

const PREPARED_LIMIT = 500
const WRITES = /^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i

export interface LibsqlOptions {
  /** `file:/path/to/retrai.db` */
  url: string
  /** Milliseconds a statement waits for a lock; the wait blocks the thread, so keep it short. */
  timeoutMs: number
  pragmas: string[]
  /** What these pragmas must answer afterwards; anything else refuses to open. */
  expected?: Record<string, string>
}

export class PrismaLibSqlOne extends PrismaLibSql {
  readonly #options: LibsqlOptions
  #client: Client | null = null

  constructor(options: LibsqlOptions) {
    super({ url: options.url })
    this.#options = options
  }

  // Migrations and queries share the connection: with locking_mode=EXCLUSIVE a second one would lock itself out.
  override createClient(config: { url: string }): Client {
    // Prisma connects again at the next query after $disconnect: a straggler would open the file behind our back.
    if (this.#client?.closed) throw new Error('the database is closed')
    this.#client ??= this.#open(config.url)
    return this.#client
  }

  #open(url: string): Client {
    const connection = connect(url.replace(/^file:/, ''), this.#options.timeoutMs)
    try {
      connection.defaultSafeIntegers(true) // exact beyond 2^53; the stock client throws there
      for (const pragma of this.#options.pragmas) connection.exec(`PRAGMA ${pragma}`)
      refuseOthers(connection, this.#options.expected ?? {})
    } catch (error) {
      connection.close()
      throw error
    }

    const prepared = new Map<string, Statement>()
    const prepare = (sql: string) => {
      let statement = prepared.get(sql)
      if (!statement) {
        if (prepared.size >= PREPARED_LIMIT) prepared.clear()
        statement = connection.prepare(sql)
        prepared.set(sql, statement)
      }
      return statement
    }
    const execute = async (input: InStatement) => {
      const { sql, args } = typeof input === 'string' ? { sql: input, args: [] } : input
      const values = (Array.isArray(args) ? args : []).map(toSql)
      return WRITES.test(sql) && !connection.inTransaction
        ? inTransaction(() => perform(prepare(sql), values))
        : perform(prepare(sql), values)
    }
    /**
     * A statement that finds the database locked stays «in progress», and libsql cannot reset it: no transaction could be committed
     * any more. So it is BEGIN that must find the lock.
     */
    const inTransaction = <T>(work: () => T): T => {
      connection.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        connection.exec('COMMIT')
        return result
      } finally {
        rollback()
      }
    }
    const rollback = () => {
      if (connection.inTransaction) connection.exec('ROLLBACK')
    }
    let closed = false

    // The adapter uses these members of the client and no others.
    return {
      protocol: 'file',
      get closed() {
        return closed
      },
      execute,
      async executeMultiple(sql: string) {
        try {
          connection.exec(sql)
        } finally {
          rollback()
        }
      },
      async transaction() {
        connection.exec('BEGIN IMMEDIATE')
        return {
          execute,
          async commit() {
            try {
              connection.exec('COMMIT')
            } catch (error) {
              rollback() // SQLITE_BUSY leaves it open, and whatever came next would become part of it
              throw error
            }
          },
          async rollback() {
            rollback()
          },
          close: rollback,
          get closed() {
            return !connection.inTransaction
          },
        }
      },
      close() {
        if (closed) return
        closed = true
        prepared.clear()
        release(connection)
        connection.close()
      },
    } as unknown as Client
  }
}

function refuseOthers(connection: Connection, expected: Record<string, string>) {
  for (const [name, wanted] of Object.entries(expected)) {
    const [[value] = []] = connection.prepare(`PRAGMA ${name}`).raw(true).all()
    if (String(value) === wanted) continue
    throw new StartRefused(
      `the database would be used with ${name}=${value} instead of ${wanted}, and what is stored might be lost; use a --data-dir on a local disk`,
    )
  }
}

/**
 * Lets go of the file. libsql frees a connection, and with it the exclusive lock, only once its last statement is
 * garbage: until then this process itself could not open the file again. Leaving WAL also puts all of the log into the file.
 */
function release(connection: Connection) {
  try {
    for (const sql of [
      'PRAGMA journal_mode=DELETE',
      'PRAGMA locking_mode=NORMAL',
      'SELECT 1 FROM sqlite_master',
    ])
      connection.prepare(sql).raw(true).all()
  } catch {
    // No room, or a statement in flight: the log stays, and the next start reads it.
  }
}
