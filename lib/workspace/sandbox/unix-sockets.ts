// Which Unix sockets of the machine a command would see. One that listens in the project belongs to a program outside;
// no mount keeps a command from connecting to it, so then it may make no such sockets at all.
import { readFile } from 'node:fs/promises'
import { contains } from './bwrap-args.ts'

/**
 * Whether a socket of the table lies in one of these folders, or may: some are known by a relative name only. `hidden`: what
 * no command sees, wherever it lies.
 */
export function hasSocketIn(table: string, folders: string[], hidden: string[] = []): boolean {
  for (const line of table.split('\n').slice(1)) {
    // Num RefCount Protocol Flags Type St Inode Path
    const path = /^\S+ \S+ \S+ \S+ \S+ \S+ +\d+ (.+)$/.exec(line)?.[1]
    if (path === undefined || path.startsWith('@')) continue
    if (hidden.some(folder => contains(folder, path))) continue
    if (!path.startsWith('/') || folders.some(folder => contains(folder, path))) return true
  }
  return false
}

/** False only where it is known that there is none. */
export async function mayReachSockets(folders: string[], hidden: string[] = []): Promise<boolean> {
  const table = await readFile('/proc/net/unix', 'latin1').catch(() => null)
  return table === null || hasSocketIn(table, folders, hidden)
}
