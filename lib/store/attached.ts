// A database file read beside a connection to nothing: DETACH lets go of the file, and of its locks, at once, whereas a
// closed connection waits for the garbage collector. Read only, so not even the log is merged.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { type Connection, connect } from './libsql.ts'

const LOCK_WAIT_MS = 25

/** As it is known in SQL while `work` looks at it. */
export const ATTACHED = 'attached'

export async function withAttached<T>(file: string, work: (connection: Connection) => T): Promise<T> {
  const hadIndex = existsSync(`${file}-shm`)
  const connection = connect(':memory:', LOCK_WAIT_MS)
  try {
    attach(connection, file)
    return work(connection)
  } finally {
    detach(connection)
    connection.close()
    if (!hadIndex) await rm(`${file}-shm`, { force: true })
  }
}

/**
 * The only column of a SELECT, which has to be called `value`. As bytes, because text that is no UTF-8 ends the whole process
 * inside libsql, and a damaged file may hold any.
 */
export const valuesOf = (connection: Connection, select: string): string[] =>
  connection
    .prepare(`SELECT CAST(value AS BLOB) FROM (${select})`)
    .raw(true)
    .all()
    .map(([value]) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value)))

export const tablesOf = (connection: Connection): string[] =>
  valuesOf(connection, `SELECT name AS value FROM ${ATTACHED}.sqlite_master WHERE type = 'table'`)

function attach(connection: Connection, file: string) {
  const address = encodeURI(path.resolve(file)).replaceAll('?', '%3F').replaceAll('#', '%23')
  const open = (mode: string) => {
    connection.prepare(`ATTACH ? AS ${ATTACHED}`).run(`file:${address}?mode=${mode}`)
    tablesOf(connection)
  }
  try {
    open('ro')
  } catch (error) {
    // A crash left a transaction half written, and only whoever may write can roll it back.
    if (!/READONLY_ROLLBACK/.test(String((error as { code?: string }).code))) throw error
    detach(connection)
    open('rw')
  }
}

function detach(connection: Connection) {
  try {
    connection.prepare(`DETACH ${ATTACHED}`).run()
  } catch {
    // Could not be attached in the first place.
  }
}
