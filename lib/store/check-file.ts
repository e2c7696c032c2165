// Looks at a database before it is opened for writing, so that one we cannot use stays as it is, to the byte: opening it the
// usual way would already convert it, write bookkeeping, or merge its log.
import { existsSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '#lib/errors'
import { newestBackup } from './backups.ts'
import { failureOf } from './failures.ts'
import { type Connection, connect } from './libsql.ts'
import { StartRefused } from './start-refused.ts'

/**
 * How closely a database is looked at, by its size: with its indexes and what is stored; every page; beyond that, only the
 * tables without which the server could not work. Each takes about a second at most.
 */
const THOROUGH_BYTES = 64 * 1024 * 1024
const WHOLE_BYTES = 256 * 1024 * 1024
/** SQLite takes a file of one byte for an empty one. */
const SMALLEST_BYTES = 512
const LOCK_WAIT_MS = 25

/** Rejects with StartRefused for a damaged or newer database, which is left untouched. `known`: names of our migrations. */
export async function checkFile(
  file: string,
  known: string[],
  sizes = { thorough: THOROUGH_BYTES, whole: WHOLE_BYTES },
) {
  if (!existsSync(file) || statSync(file).size === 0) return // a new one
  const hadIndex = existsSync(`${file}-shm`)
  // Attached to another one: DETACH lets go of the file at once, whereas a closed connection waits for the garbage collector.
  const connection = connect(':memory:', LOCK_WAIT_MS)
  try {
    const problem = lookAt(connection, file, sizes)
    if (problem !== null) throw new StartRefused(await damagedSentence(file, problem))
    refuseNewer(migrationsOf(connection), known)
  } finally {
    detach(connection)
    connection.close()
    if (!hadIndex) await rm(`${file}-shm`, { force: true })
  }
}

export function refuseNewer(applied: string[], known: string[]): void {
  const newer = applied.filter(name => !known.includes(name))
  if (newer.length === 0) return
  throw new StartRefused(
    `the database was written by a newer version (${newer.join(', ')}) and was left as it is; install that version, or use another --data-dir`,
  )
}

/** What is wrong with it; null: nothing was found. */
function lookAt(
  connection: Connection,
  file: string,
  { thorough, whole }: { thorough: number; whole: number },
): string | null {
  try {
    const { size } = statSync(file)
    if (size < SMALLEST_BYTES) return `it has only ${size} bytes`
    attach(connection, file)
    const [pageSize] = column(connection, 'PRAGMA checked.page_size')
    // With a log, the last page may be half written: the log has it whole.
    const isSettled = !existsSync(`${file}-wal`) && !existsSync(`${file}-journal`)
    if (isSettled && size % Number(pageSize) !== 0) return 'its end is missing'
    const tables = tablesOf(connection)
    const checks =
      size <= thorough
        ? ['PRAGMA checked.integrity_check(3)', ...(tables.includes('Event') ? CONTENT_CHECKS : [])]
        : size <= whole
          ? ['PRAGMA checked.quick_check(3)']
          : tables.filter(name => name !== 'Event').map(name => `PRAGMA checked.quick_check("${name}")`)
    migrationsOf(connection) // must be readable too
    const found = checks.flatMap(sql => column(connection, sql)).filter(text => text !== 'ok')
    return found.length > 0 ? found.slice(0, 3).join('; ').replace(/\s+/g, ' ') : null
  } catch (error) {
    // Held by another program, or not ours to read. Any other error, even of SQL, comes from what stands in the file.
    if (['busy', 'disk_error'].includes(failureOf(error) ?? '')) throw error
    return messageOf(error)
  }
}

/** What SQLite itself cannot know: bytes that changed inside a value. */
const CONTENT_CHECKS = [
  `SELECT 'event ' || seq || ' of run ' || runId || ' cannot be read' FROM checked.Event WHERE NOT json_valid(payload) LIMIT 3`,
  `SELECT 'run ' || id || ' has ' || lastSeq || ' events, of which some are missing' FROM checked.Run AS run
   WHERE lastSeq <> (SELECT count(*) FROM checked.Event WHERE runId = run.id) LIMIT 3`,
]

function attach(connection: Connection, file: string) {
  const address = encodeURI(path.resolve(file)).replaceAll('?', '%3F').replaceAll('#', '%23')
  const open = (mode: string) => {
    connection.prepare('ATTACH ? AS checked').run(`file:${address}?mode=${mode}`)
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

function migrationsOf(connection: Connection): string[] {
  if (!tablesOf(connection).includes('_prisma_migrations')) return []
  return column(
    connection,
    'SELECT migration_name FROM checked._prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
}

const tablesOf = (connection: Connection) =>
  column(connection, "SELECT name FROM checked.sqlite_master WHERE type = 'table'")

const column = (connection: Connection, sql: string) =>
  connection
    .prepare(sql)
    .raw(true)
    .all()
    .map(([value]) => String(value))

function detach(connection: Connection) {
  try {
    connection.prepare('DETACH checked').run()
  } catch {
    // Could not be attached in the first place.
  }
}

async function damagedSentence(file: string, problem: string): Promise<string> {
  const backup = await newestBackup(path.dirname(file))
  const damaged = path.join(path.dirname(file), 'damaged')
  const away = `mkdir '${damaged}' && mv '${file}'* '${damaged}/'`
  const next = backup
    ? `The newest backup is ${backup}. To go back to it: ${away} && cp '${backup}' '${file}'`
    : `There is no backup in ${path.join(path.dirname(file), 'backups')}; put one made by \`retrai backup\` in its place, or begin anew: ${away}`
  return `the database ${file} is damaged (${problem}). Nothing was changed. ${next}`
}
