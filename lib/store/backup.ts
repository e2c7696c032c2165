// `retrai backup`: a copy of the database in a file of the person's choice. It has its name only once it is whole and on the disk.
import { existsSync } from 'node:fs'
import { open, realpath, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Backup, BackupRequest } from '#lib/contract/backup'
import { AppError, messageOf } from '#lib/errors'
import { ATTACHED, valuesOf, withAttached } from './attached.ts'
import { keep } from './backups.ts'
import { checkDamage } from './check-file.ts'
import { failureOf } from './failures.ts'

export type CreateBackup = (request: BackupRequest, options?: { signal?: AbortSignal }) => Promise<Backup>

/** Writes the copy into an empty file. */
export type CopyInto = (file: string, signal?: AbortSignal) => Promise<{ runs: number; events: number }>

/** Rejects with AppError: `invalid` for a place that will not do, `conflict` while another backup is written, `disk_full`. */
export function createBackups({ dataDir, copyInto }: { dataDir: string; copyInto: CopyInto }): CreateBackup {
  let isBusy = false
  return async ({ file: asked, force }, { signal } = {}) => {
    const file = await checkedPlace(asked, force, dataDir)
    if (isBusy) throw new AppError('conflict', 'Another backup is being written; wait for it, then try again')
    isBusy = true
    const started = performance.now()
    const partial = `${file}.partial`
    try {
      await rm(partial, { force: true }) // of a backup that was cut off
      await (await open(partial, 'wx', 0o600)).close()
      const counts = await copyInto(partial, signal)
      await keep(partial, file)
      const { size } = await stat(file)
      return { file, bytes: size, ...counts, duration_ms: Math.round(performance.now() - started) }
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {}) // what went wrong before is what has to be said
      throw explained(error, file)
    } finally {
      isBusy = false
    }
  }
}

/** For a database that no server has open. Blocks the thread until it is done. */
export const copyClosed =
  (database: string): CopyInto =>
  async target => {
    await checkDamage(database)
    return withAttached(database, connection => {
      connection.prepare(`VACUUM ${ATTACHED} INTO ?`).run(target)
      const [runs, events] = ['Run', 'Event'].map(table =>
        Number(valuesOf(connection, `SELECT count(*) AS value FROM ${ATTACHED}."${table}"`)[0]),
      )
      return { runs: runs ?? 0, events: events ?? 0 }
    })
  }

async function checkedPlace(asked: string, force: boolean, dataDir: string): Promise<string> {
  if (!path.isAbsolute(asked) || asked.includes('\0'))
    throw unfit(`must be an absolute path, but is ${JSON.stringify(asked)}`)
  const folder = await realpath(path.dirname(asked)).catch(() => {
    throw unfit(`${path.dirname(asked)} is not there; make the directory first`)
  })
  const file = path.join(folder, path.basename(asked))
  const isOurs =
    folder === (await realpath(dataDir)) && /^(retrai|lock)\.db|^server\.json/.test(path.basename(file))
  if (isOurs) throw unfit(`${file} belongs to the server; choose another name`)
  if (!existsSync(file)) return file
  if (!(await stat(file)).isFile()) throw unfit(`${file} is not a file; name one in it`)
  if (!force) throw unfit(`${file} is there already; choose another name, or replace it with force (--force)`)
  return file
}

const unfit = (detail: string) => new AppError('invalid', detail, { fields: [{ pointer: '/file', detail }] })

function explained(error: unknown, file: string): unknown {
  const code = (error as { code?: string } | null)?.code ?? ''
  if (failureOf(error) === 'disk_full') {
    return new AppError(
      'disk_full',
      `There is no room for the backup at ${file}; free some space or choose another place`,
      {
        cause: error,
      },
    )
  }
  return ['EACCES', 'EPERM', 'EROFS'].includes(code)
    ? unfit(`${file} cannot be written: ${messageOf(error)}`)
    : error
}
