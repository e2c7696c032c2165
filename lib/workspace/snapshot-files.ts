// Which files of a folder a snapshot has to read, decided before git reads them.
import { lstat, open, readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from './paths.ts'

/** More than this in one snapshot is refused. */
export const MAX_BYTES = 1024 ** 3

export class TooLarge extends Error {}

/** Counted over a snapshot and the repositories inside the project. */
export interface Totals {
  bytes: number
  nested: number
}

/**
 * Git compares whole seconds, so a file it reads in the second of the file's last change can change again unseen (when
 * its size and time of modification stay). Those files are read again at the next snapshot; they stand beside the index.
 */
export async function readDoubtful(index: string): Promise<string[]> {
  return split(await readFile(`${index}.doubtful`).catch(() => Buffer.alloc(0)))
}

export async function writeDoubtful(index: string, names: string[]): Promise<void> {
  // Never half written: a list that is lost hides changes.
  await writeFile(`${index}.doubtful.new`, joined(names))
  await rename(`${index}.doubtful.new`, `${index}.doubtful`)
}

/** What is behind a link is not in the project any more, though the old path still leads to a file. */
export async function withoutLinkedFolders(workTree: string, names: string[]): Promise<string[]> {
  const folders = [...new Set(names.map(name => dirname(join(workTree, name))))]
  const real = await Promise.all(
    folders.map(async folder => (await realpath(folder).catch(() => null)) === folder),
  )
  const kept = new Set(folders.filter((_, index) => real[index]))
  return names.filter(name => kept.has(dirname(join(workTree, name))))
}

/** The clock that stamps files may be a little behind. */
const CLOCK_SLACK_MS = 25

/** Drops what cannot be read, refuses before hashing what would take too long, and finds what changed just now. */
export async function measure(workTree: string, names: string[], total: Totals, signal?: AbortSignal) {
  const readable: string[] = []
  const fresh: string[] = []
  const folders: string[] = []
  const second = Math.floor((Date.now() - CLOCK_SLACK_MS) / 1000)
  for (let start = 0; start < names.length; start += 200) {
    signal?.throwIfAborted()
    const part = await Promise.all(names.slice(start, start + 200).map(name => lookAt(workTree, name)))
    for (const found of part) {
      total.bytes += found.size
      if (found.isFolder) folders.push(found.name)
      if (found.readable) readable.push(found.name)
      if (found.readable && found.changedMs / 1000 >= second) fresh.push(found.name)
    }
    if (total.bytes > MAX_BYTES) {
      throw new TooLarge(
        'No snapshots: the project has more than 1 GiB of files; add data and build folders to its .gitignore.',
      )
    }
  }
  return { readable, fresh, folders }
}

interface Found {
  name: string
  size: number
  readable: boolean
  /** Where a file was before; what is in it is listed by itself. */
  isFolder: boolean
  /** When anything about it last changed, its permissions included. */
  changedMs: number
}

async function lookAt(workTree: string, name: string): Promise<Found> {
  const nothing = { name, size: 0, readable: false, isFolder: false, changedMs: 0 }
  try {
    const found = await lstat(join(workTree, name))
    if (found.isDirectory()) return { ...nothing, isFolder: true }
    if (!found.isFile()) return { ...nothing, readable: true, changedMs: found.ctimeMs }
    const readable = process.getuid?.() === 0 || (await canOpen(join(workTree, name)))
    return readable ? { ...nothing, readable, size: found.size, changedMs: found.ctimeMs } : nothing
  } catch (error) {
    // Deleted: git has to hear of it.
    return { ...nothing, readable: codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' }
  }
}

async function canOpen(path: string): Promise<boolean> {
  try {
    await (await open(path, 'r')).close()
    return true
  } catch {
    return false // No permission; a file we cannot read is left out rather than losing the whole snapshot.
  }
}

export function split(bytes: Buffer): string[] {
  // latin1 would keep names that are not UTF-8 exact, but would have to travel through everything; such names are rare.
  return bytes.toString('utf8').split('\0').filter(Boolean)
}

export function joined(names: string[]): string {
  return names.map(name => `${name}\0`).join('')
}
