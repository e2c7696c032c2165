// The synchronous SQLite binding, with the types of the few parts used here; libsql ships none.
import Database from 'libsql'

export interface Statement {
  reader: boolean
  run(...args: unknown[]): { changes: number }
  columns(): { name: string; type: string | null }[]
  raw(on: boolean): { all(...args: unknown[]): unknown[][] }
}

export interface Connection {
  inTransaction: boolean
  defaultSafeIntegers(on: boolean): void
  exec(sql: string): void
  prepare(sql: string): Statement
  /** Frees the file only once the last statement is garbage; until then its locks stay. */
  close(): void
}

const Open = Database as unknown as new (file: string, options: { timeout: number }) => Connection

/** @param timeoutMs how long a statement waits for a lock; the wait blocks the thread, so keep it short. */
export const connect = (file: string, timeoutMs: number): Connection => new Open(file, { timeout: timeoutMs })
