// Applies prisma/<provider>/migrations/*/migration.sql at start, through any Prisma 7 driver adapter. Bookkeeping table and
// checksum are those of `prisma migrate deploy`, so the two can be mixed; Prisma's own CLI would need a download.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { refuseNewer } from './check-file.ts'

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

/** The committed migrations, in order. */
export const namesOfMigrations = (directory: string): string[] =>
  (existsSync(directory) ? readdirSync(directory) : [])
    .filter(name => existsSync(path.join(directory, name, 'migration.sql')))
    .sort()

/**
 * Applies what is missing, each migration in one transaction, and returns the names of those applied. `before` is called
 * ahead of each one that changes a database somebody has used.
 */
export async function applyMigrations(
  db: SqlDriverAdapter,
  directory: string,
  before: (migration: string) => Promise<unknown>,
): Promise<string[]> {
  const done = await readDone(db)
  const known = namesOfMigrations(directory)
  refuseNewer([...done.keys()], known)
  await db.executeScript(BOOKKEEPING)

  const applied: string[] = []
  for (const name of known) {
    const sql = readFileSync(path.join(directory, name, 'migration.sql'), 'utf8')
    const checksum = createHash('sha256').update(sql).digest('hex')
    const earlier = done.get(name)
    if (earlier === checksum) continue
    if (earlier) throw new Error(`migration ${name} was edited after it had been applied`)
    if (done.size > 0) await before(name)
    const now = Date.now()
    const record = `INSERT INTO "_prisma_migrations"("id","checksum","migration_name","started_at","finished_at","applied_steps_count") VALUES (${literal(randomUUID())},${literal(checksum)},${literal(name)},${now},${now},1)`
    await db.executeScript(
      `PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE; ${sql}\n; ${record}; COMMIT; PRAGMA foreign_keys=ON`,
    )
    applied.push(name)
  }
  return applied
}

/** Name → checksum of what was applied. */
async function readDone(db: SqlDriverAdapter): Promise<Map<string, string>> {
  const query = (sql: string) => db.queryRaw({ sql, args: [], argTypes: [] })
  const tables = await query(`SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`)
  if (tables.rows.length === 0) return new Map()
  const { rows } = await query(
    `SELECT "migration_name", "checksum" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`,
  )
  return new Map(rows.map(row => [String(row[0]), String(row[1])]))
}
