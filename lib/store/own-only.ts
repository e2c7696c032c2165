// What the server keeps is for its own user. A data directory that somebody made beforehand is often open to all: then the directory
// is closed, where nothing else lies in it, and what is ours in any case.
import { chmod, lstat, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

const FILES = /^(?:retrai|lock)\.db(?:-wal|-shm|-journal)?$|^(?:server\.json|ballast)$/
const FOLDERS = /^(?:backups|caches|fingerprints|protected|sandbox|snapshots)$/
/** SQLite makes the files beside it with the same rights. */
const DATABASE = 'retrai.db'

/**
 * Before the database is opened. Where rights cannot be changed, as on some file systems, they stay: `note` says so. No file is
 * opened here, because that would drop the lock.
 */
export async function keepToOwner(dataDir: string, note: (sentence: string) => void): Promise<void> {
  const names = await readdir(dataDir)
  const strangers = names.filter(name => !FILES.test(name) && !FOLDERS.test(name))
  if (strangers.length === 0) await close(dataDir, 0o700, note)
  for (const name of names) {
    if (FILES.test(name)) await close(path.join(dataDir, name), 0o600, note)
    else if (FOLDERS.test(name)) await close(path.join(dataDir, name), 0o700, note)
  }
  // An empty file is an empty database. Where it cannot be made, whoever opens it says why.
  if (!names.includes(DATABASE))
    await writeFile(path.join(dataDir, DATABASE), '', { flag: 'wx', mode: 0o600 }).catch(() => {})
}

async function close(file: string, mode: number, note: (sentence: string) => void): Promise<void> {
  try {
    const found = await lstat(file)
    const isOurs = process.getuid === undefined || found.uid === process.getuid()
    if (found.isSymbolicLink() || !isOurs || (found.mode & 0o077) === 0) return
    await chmod(file, mode)
  } catch {
    note(`${file} may be readable by other users of this machine, and its rights cannot be changed`)
  }
}
