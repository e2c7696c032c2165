// The backups that are made by themselves before the schema changes: <data directory>/backups, the newest five.
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { failureOf } from './failures.ts'
import { StartRefused } from './start-refused.ts'

const KEPT = 5
const NAME = /^retrai-\d{8}T\d{9}Z-before-.+\.db$/

/** The newest one by its name; null when there is none. */
export async function newestBackup(dataDir: string): Promise<string | null> {
  const folder = path.join(dataDir, 'backups')
  const name = (await namesIn(folder)).filter(one => NAME.test(one)).at(-1)
  return name === undefined ? null : path.join(folder, name)
}

/**
 * Makes one through `vacuumInto`, which writes a copy of the whole database to the path it is given. Nothing bears the name of
 * a backup before it is complete and on the disk.
 */
export async function backupBefore(
  migration: string,
  dataDir: string,
  vacuumInto: (file: string) => Promise<unknown>,
): Promise<string> {
  const folder = path.join(dataDir, 'backups')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stamp = new Date().toISOString().replace(/[-:.]/g, '')
  const file = path.join(folder, `retrai-${stamp}-before-${migration}.db`)
  const partial = `${file}.partial`
  for (const name of await namesIn(folder)) {
    if (name.endsWith('.partial')) await rm(path.join(folder, name), { force: true })
  }
  try {
    await vacuumInto(partial)
    await keep(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    if (failureOf(error) !== 'disk_full') throw error
    throw new StartRefused(
      `there is no room in ${folder} for the backup that is made before the database is brought to this version; free some space, then start again`,
    )
  }
  const older = (await namesIn(folder)).filter(name => NAME.test(name)).slice(0, -KEPT)
  for (const name of older) await rm(path.join(folder, name), { force: true })
  return file
}

/** Gives a finished copy its name, durably. Only for files that no connection has open. */
export async function keep(partial: string, file: string): Promise<void> {
  await sync(partial, 'r+')
  await rename(partial, file)
  await sync(path.dirname(file), 'r')
}

async function sync(name: string, flags: string): Promise<void> {
  const handle = await open(name, flags)
  try {
    if (flags === 'r+') await handle.chmod(0o600)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort()
}
