// Looks at a database before it is opened for writing, so that one we cannot use stays as it is, to the byte: opening it the
// usual way would already convert it, write bookkeeping, or merge its log.
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '#lib/errors'
import { ATTACHED, tablesOf, valuesOf, withAttached } from './attached.ts'
import { newestBackup } from './backups.ts'
import { failureOf } from './failures.ts'
import type { Connection } from './libsql.ts'
import { StartRefused } from './start-refused.ts'

/**
 * How closely a database is looked at, by its size: with its indexes and what is stored; every page; beyond that, only the
 * tables without which the server could not work. Each takes about a second at most.
 */
const THOROUGH_BYTES = 64 * 1024 * 1024
const WHOLE_BYTES = 256 * 1024 * 1024
/** SQLite takes a file of one byte for an empty one. */
const SMALLEST_BYTES = 512

const SIZES = { thorough: THOROUGH_BYTES, whole: WHOLE_BYTES }

/** Rejects with StartRefused for a damaged or newer database, which is left untouched. `known`: names of our migrations. */
export async function checkFile(file: string, known: string[], sizes = SIZES): Promise<void> {
  if (isNew(file)) return
  const { problem, applied } = await look(file, sizes)
  if (problem !== null) throw new StartRefused(await damagedSentence(file, problem))
  refuseNewer(applied, known)
}

/** Rejects with StartRefused for a damaged database, whatever its version. */
export async function checkDamage(file: string, sizes = SIZES): Promise<void> {
  const { problem } = await look(file, sizes)
  if (problem !== null) throw new StartRefused(await damagedSentence(file, problem))
}

const isNew = (file: string) => !existsSync(file) || statSync(file).size === 0

export function refuseNewer(applied: string[], known: string[]): void {
  const newer = applied.filter(name => !known.includes(name))
  if (newer.length === 0) return
  throw new StartRefused(
    `the database was written by a newer version (${newer.join(', ')}) and was left as it is; install that version, or use another --data-dir`,
  )
}

interface Look {
  /** What is wrong with it; null: nothing was found. */
  problem: string | null
  /** The migrations it has had. */
  applied: string[]
}

async function look(file: string, sizes: typeof SIZES): Promise<Look> {
  const { size } = statSync(file)
  if (size < SMALLEST_BYTES) return { problem: `it has only ${size} bytes`, applied: [] }
  // With a log, the last page may be half written: the log has it whole.
  const isSettled = !existsSync(`${file}-wal`) && !existsSync(`${file}-journal`)
  try {
    return await withAttached(file, connection => {
      const [pageSize] = valuesOf(
        connection,
        `SELECT page_size AS value FROM pragma_page_size('${ATTACHED}')`,
      )
      const isCut = isSettled && size % Number(pageSize) !== 0
      const found = isCut
        ? ['its end is missing']
        : firstProblems(connection, checksFor(size, sizes, tablesOf(connection)))
      const problem = found.length > 0 ? found.slice(0, 3).join('; ').replace(/\s+/g, ' ') : null
      return { problem, applied: migrationsOf(connection) }
    })
  } catch (error) {
    // Held by another program, or not ours to read. Any other error, even of SQL, comes from what stands in the file.
    if (['busy', 'disk_error'].includes(failureOf(error) ?? '')) throw error
    return { problem: messageOf(error), applied: [] }
  }
}

function checksFor(size: number, { thorough, whole }: typeof SIZES, tables: string[]): string[] {
  const pragma = (name: string, of: string) =>
    `SELECT ${name} AS value FROM pragma_${name}(${of}, '${ATTACHED}')`
  if (size <= thorough)
    return [pragma('integrity_check', '3'), ...(tables.includes('Event') ? CONTENT_CHECKS : [])]
  if (size <= whole) return [pragma('quick_check', '3')]
  return tables
    .filter(name => name !== 'Event')
    .map(name => pragma('quick_check', `'${name.replaceAll("'", "''")}'`))
}

/** What the first check that finds something finds: what comes after could only stumble over it. */
function firstProblems(connection: Connection, checks: string[]): string[] {
  for (const select of checks) {
    const found = valuesOf(connection, select).filter(text => text !== 'ok')
    if (found.length > 0) return found
  }
  return []
}

/** What SQLite itself cannot know: bytes that changed inside a value. */
const CONTENT_CHECKS = [
  `SELECT 'event ' || seq || ' of run ' || runId || ' cannot be read' AS value FROM ${ATTACHED}.Event WHERE NOT json_valid(payload) LIMIT 3`,
  `SELECT 'run ' || id || ' has ' || lastSeq || ' events, of which some are missing' AS value FROM ${ATTACHED}.Run AS run
   WHERE lastSeq <> (SELECT count(*) FROM ${ATTACHED}.Event WHERE runId = run.id) LIMIT 3`,
]

const migrationsOf = (connection: Connection): string[] =>
  tablesOf(connection).includes('_prisma_migrations')
    ? valuesOf(
        connection,
        `SELECT migration_name AS value FROM ${ATTACHED}._prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      )
    : []

async function damagedSentence(file: string, problem: string): Promise<string> {
  const backup = await newestBackup(path.dirname(file))
  const damaged = path.join(path.dirname(file), 'damaged')
  const away = `mkdir '${damaged}' && mv '${file}'* '${damaged}/'`
  const next = backup
    ? `The newest backup is ${backup}. To go back to it: ${away} && cp '${backup}' '${file}'`
    : `There is no backup in ${path.join(path.dirname(file), 'backups')}; put one made by \`retrai backup\` in its place, or begin anew: ${away}`
  return `the database ${file} is damaged (${problem}). Nothing was changed. ${next}`
}
