// Applies prisma/<provider>/migrations/*/migration.sql at start, through any Prisma 7 driver adapter. Bookkeeping table and
// checksum are those of `prisma migrate deploy`, so the two can be mixed; Prisma's own CLI would need a download.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

/**
 * Applies what is missing, each migration in one transaction, and returns the names of those applied. Leaves the
 * connection open.
 */
export async function applyMigrations(
  factory: SqlMigrationAwareDriverAdapterFactory,
  directory: string,
): Promise<string[]> {
  const db = await factory.connect()
  await db.executeScript(BOOKKEEPING)
  const { rows } = await db.queryRaw({
    sql: `SELECT "migration_name", "checksum" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL`,
    args: [],
    argTypes: [],
  })
  const done = new Map(rows.map(row => [String(row[0]), String(row[1])]))
  const known = (existsSync(directory) ? readdirSync(directory) : [])
    .filter(name => existsSync(path.join(directory, name, 'migration.sql')))
    .sort()

  const newer = [...done.keys()].filter(name => !known.includes(name))
  if (newer.length > 0) {
    throw new Error(
      `the database was written by a newer version (${newer.join(', ')}); install that version, or use another --data-dir`,
    )
  }

  const applied: string[] = []
  for (const name of known) {
    const sql = readFileSync(path.join(directory, name, 'migration.sql'), 'utf8')
    const checksum = createHash('sha256').update(sql).digest('hex')
    const before = done.get(name)
    if (before === checksum) continue
    if (before) throw new Error(`migration ${name} was edited after it had been applied`)
    const now = Date.now()
    const record = `INSERT INTO "_prisma_migrations"("id","checksum","migration_name","started_at","finished_at","applied_steps_count") VALUES (${literal(randomUUID())},${literal(checksum)},${literal(name)},${now},${now},1)`
    await db.executeScript(
      `PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE; ${sql}\n; ${record}; COMMIT; PRAGMA foreign_keys=ON`,
    )
    applied.push(name)
  }
  return applied
}
