// One server per data directory, and how the last one ended. The lock is SQLite's on a file of its own, because the kernel
// takes it back at the very moment the process dies. That file must never be opened with fs: closing any descriptor of
// it would drop the lock. What people are told of the holder stands beside it, in server.json.
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { syncFolder, writeDurably } from '#lib/write-durably'
import { connect } from './libsql.ts'
import { StartRefused } from './start-refused.ts'

const Holder = z.object({
  pid: z.number().int(),
  started: z.string(),
  version: z.string(),
  /** null until it listens. */
  address: z.string().nullable(),
  /** When it ended in order; null while it runs, and for ever when it died. */
  stopped: z.string().nullable(),
})
type Holder = z.infer<typeof Holder>

export interface Instance {
  /** How the last server on this directory ended. `died`: anything but an orderly stop, or not known. */
  previous: 'none' | 'clean' | 'died'
  /** Where it listens, for the sentence a second server is refused with. */
  announce(address: string): Promise<void>
  /** Lets the next server in. `clean` is stored durably first: that everything ended in order. */
  close(how: { clean: boolean }): Promise<void>
}

/** Rejects with StartRefused, naming the other server, while one holds the directory. */
export async function openInstance(dataDir: string, version: string): Promise<Instance> {
  const file = path.join(dataDir, 'server.json')
  const lockFile = path.join(dataDir, 'lock.db')
  const isNew = !existsSync(lockFile) && !existsSync(path.join(dataDir, 'retrai.db'))
  const unlock = await takeLock(lockFile, file)
  let holder: Holder = {
    pid: process.pid,
    started: new Date().toISOString(),
    version,
    address: null,
    stopped: null,
  }
  const put = async (change: Partial<Holder>) => {
    holder = { ...holder, ...change }
    await writeDurably(file, JSON.stringify(holder))
    await syncFolder(path.dirname(file))
  }

  const before = await readHolder(file)
  // No room to write: without the file the next start, too, takes the last server for dead, which is the safe side.
  await put({}).catch(() => rm(file, { force: true }))
  return {
    previous: isNew ? 'none' : before?.stopped ? 'clean' : 'died',
    announce: address => put({ address }).catch(() => {}), // only for people, and the disk may be full
    async close({ clean }) {
      try {
        if (clean) await put({ stopped: new Date().toISOString() })
      } catch {
        // No room: the next start looks as carefully as after a crash.
      } finally {
        unlock()
      }
    },
  }
}

async function takeLock(lockFile: string, serverFile: string): Promise<() => void> {
  // Not journal_mode=WAL: there, a lock would not keep others from reading and writing.
  const lock = connect(lockFile, 0)
  try {
    // Held for the life of the process and never committed, so it needs no room, and a crash leaves nothing to recover.
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new StartRefused(
      `another retrai serve uses this data directory: ${nameOf(await readHolder(serverFile))}; stop it, or use another --data-dir`,
    )
  }
  return () => {
    if (lock.inTransaction) lock.exec('ROLLBACK') // at once; closing waits for the garbage collector
    lock.close()
  }
}

function nameOf(holder: Holder | null): string {
  // The one that holds the lock has not written its file yet; this is what an earlier one left.
  if (!holder || holder.stopped || !isAlive(holder.pid)) return 'it is just starting'
  const since = `${holder.started.slice(0, 16).replace('T', ' ')} UTC`
  return `${holder.address ?? 'not listening yet'} (process ${holder.pid}, since ${since})`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return Holder.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return null // Missing or not ours: nothing is known, which the callers treat as the worse case.
  }
}
