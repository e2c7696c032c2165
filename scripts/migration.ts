// Writes the next migration from what changed in prisma/models, or with --check says whether one is missing.
// Usage: npm run migration -- <name>    npm run migration -- --check
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import { PrismaLibSqlOne } from '#lib/store/libsql-one'
import { applyMigrations } from '#lib/store/migrate'

const MIGRATIONS = 'prisma/sqlite/migrations'

/** The SQL that turns a database with all committed migrations into one that fits the models; empty when it fits. */
export async function pendingSql(): Promise<string> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'retrai-migration-'))
  try {
    const factory = new PrismaLibSqlOne({
      url: `file:${path.join(scratch, 'scratch.db')}`,
      timeoutMs: 5000,
      pragmas: ['foreign_keys=ON'],
    })
    await applyMigrations(await factory.connect(), MIGRATIONS, async () => {})

    const require = createRequire(import.meta.url)
    const directory = path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'))
    const wasm = new WebAssembly.Module(readFileSync(path.join(directory, 'schema_engine_bg.wasm')))
    const instance = new WebAssembly.Instance(wasm, { './schema_engine_bg.js': bindings })
    bindings.__wbg_set_wasm(instance.exports)
    ;(instance.exports as { __wbindgen_start(): void }).__wbindgen_start()

    const files = [
      'prisma/sqlite/schema.prisma',
      ...readdirSync('prisma/models').map(name => `prisma/models/${name}`),
    ].map(file => ({ path: file, content: readFileSync(file, 'utf8') }))
    const engine = await bindings.SchemaEngine.new(
      { datamodels: files.map(file => [file.path, file.content]) },
      () => {},
      bindMigrationAwareSqlAdapterFactory(factory),
    )
    const result = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: process.cwd() },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    })
    return result.exitCode === 0 ? '' : String(result.stdout)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const name = process.argv[2]
  const sql = await pendingSql()
  if (name === '--check') {
    console.log(sql === '' ? 'migrations and models agree' : `a migration is missing:\n${sql}`)
    process.exit(sql === '' ? 0 : 2)
  }
  if (!name) {
    console.error('usage: npm run migration -- <name> | --check')
    process.exit(2)
  }
  if (sql === '') {
    console.log('nothing to migrate')
    process.exit(0)
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const directory = path.join(MIGRATIONS, `${stamp}_${name}`)
  mkdirSync(directory, { recursive: true })
  writeFileSync(path.join(directory, 'migration.sql'), sql)
  console.log(`wrote ${directory}/migration.sql`)
  process.exit(0)
}
