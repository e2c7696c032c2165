// Reading and writing inside a run's folder. A path can be changed between a check and its use, so what counts is
// decided on what was opened: the descriptor's own place, which nobody can exchange any more.
import { randomBytes } from 'node:crypto'
import { constants, existsSync, type Stats } from 'node:fs'
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { AppError } from '../errors.ts'
import { codeOf, isInside, outside, resolveInside } from './paths.ts'

export const MAX_FILE_BYTES = 10 * 1024 * 1024

export interface FileInside {
  content: Buffer
  /** Permission bits. */
  mode: number
  mtimeMs: number
  /** Its real place, relative to the root. */
  path: string
}

export interface WriteOptions {
  /** Permission bits; default those of the file that is replaced. */
  mode?: number
  mtimeMs?: number
  /** Also where the agent may not write; never `.git`. */
  allowConfig?: boolean
}

export interface EntryInside {
  name: string
  kind: 'file' | 'directory' | 'link' | 'other'
  /** null where it could not be asked. */
  size: number | null
}

/** Throws AppError('invalid') with a sentence when it is not a regular file inside the root, or is larger than `maxBytes`. */
export async function readFileInside(
  root: string,
  path: string,
  maxBytes = MAX_FILE_BYTES,
): Promise<FileInside> {
  const real = await resolveInside(root, path)
  // Without O_NONBLOCK a named pipe would wait here for somebody to write.
  const file = await openInside(
    root,
    real,
    path,
    constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
  )
  try {
    const { handle, place } = file
    const found = await handle.stat()
    if (found.isDirectory()) throw invalid(`${path} is a directory; list it with file_list.`)
    if (!found.isFile()) throw invalid(`${path} is not a regular file (a device, socket or named pipe).`)
    if (found.size > maxBytes) throw tooLarge(path, found.size, maxBytes)
    const content = await handle.readFile()
    if (content.length > maxBytes) throw tooLarge(path, content.length, maxBytes)
    return { content, mode: found.mode & 0o7777, mtimeMs: found.mtimeMs, path: relative(root, place) }
  } finally {
    await file.handle.close()
  }
}

/**
 * Writes the whole file or nothing: a reader sees the old content or the new. Creates parent directories. Where a link
 * leads to is written, the link stays.
 */
export async function writeFileInside(
  root: string,
  path: string,
  content: string | Uint8Array,
  options: WriteOptions = {},
): Promise<{ created: boolean; path: string }> {
  const real = await resolveInside(root, path)
  if (real === root) throw invalid(`${path} is the project's directory, not a file.`)
  refuseProtected(root, real, path, options)
  const directory = await pin(root, dirname(real), path)
  try {
    const name = basename(real)
    const target = join(directory.place, name)
    refuseProtected(root, target, path, options)
    const before = await existing(directory.at(name), path)
    await replace(directory, name, content, before, options)
    return { created: before === null, path: relative(root, target) }
  } catch (error) {
    throw explained(path, error)
  } finally {
    await directory.handle.close()
  }
}

/** Removes a file or link itself; nothing happens when it is not there. */
export async function deleteInside(root: string, path: string): Promise<void> {
  const parent = await resolveInside(root, dirname(path))
  const directory = await pin(root, parent, path)
  try {
    await unlink(directory.at(basename(path)))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  } finally {
    await directory.handle.close()
  }
}

/** The entries of a directory, sorted by name. Links are named, not followed. */
export async function listInside(root: string, path: string): Promise<EntryInside[]> {
  const real = await resolveInside(root, path)
  const { handle, place } = await openInside(root, real, path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isDirectory()) throw invalid(`${path} is a file; read it with file_read.`)
    const at = placeFor(handle, place)
    const entries = await readdir(at, { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    return await Promise.all(
      entries.map(async entry => {
        const kind = entry.isDirectory()
          ? 'directory'
          : entry.isFile()
            ? 'file'
            : entry.isSymbolicLink()
              ? 'link'
              : 'other'
        return {
          name: entry.name,
          kind,
          size: kind === 'file' ? await sizeOf(join(at, entry.name)) : null,
        } as const
      }),
    )
  } finally {
    await handle.close()
  }
}

/** Whether the agent's file tools may not write there. `path` is absolute. */
export function isProtected(root: string, path: string): boolean {
  const parts = relative(root, path).toLowerCase().split(sep)
  return (
    parts.includes('.git') ||
    (parts.length === 1 && (parts[0] === '.retrai.yml' || parts[0] === '.retrai.yaml'))
  )
}

function refuseProtected(root: string, real: string, asked: string, { allowConfig }: WriteOptions): void {
  if (!isProtected(root, real)) return
  const inGit = relative(root, real).toLowerCase().split(sep).includes('.git')
  if (allowConfig && !inGit) return
  throw invalid(
    inGit
      ? `${asked} belongs to git; it is not written by hand. Change files of the project instead.`
      : `${asked} holds the settings of this run; it is not changed during the run.`,
  )
}

interface Pinned {
  handle: FileHandle
  /** Where it really is. */
  place: string
  /** A path to an entry that stays in this directory whatever is renamed meanwhile. */
  at(name: string): string
}

/** Opens a directory for work relative to it, making it and its parents when missing. */
async function pin(root: string, directory: string, asked: string): Promise<Pinned> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY
  try {
    return pinned(await openInside(root, directory, asked, flags))
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR')
      throw invalid(`${asked}: a part of this path is a file, not a directory.`)
    if (codeOf(error) !== 'ENOENT' || directory === root) throw error
  }
  const parent = await pin(root, dirname(directory), asked)
  try {
    const path = parent.at(basename(directory))
    const isNew = await mkdir(path).then(
      () => true,
      error => {
        if (codeOf(error) !== 'EEXIST') throw error
        return false
      },
    )
    const opened = await openInside(root, path, asked, flags | constants.O_NOFOLLOW)
    if (isNew) await keepOwner(opened.handle, await parent.handle.stat())
    return pinned(opened)
  } finally {
    await parent.handle.close()
  }
}

function pinned({ handle, place }: { handle: FileHandle; place: string }): Pinned {
  const base = placeFor(handle, place)
  return { handle, place, at: name => join(base, name) }
}

async function openInside(root: string, real: string, asked: string, flags: number) {
  let handle: FileHandle
  try {
    handle = await open(real, flags)
  } catch (error) {
    // Directories and pin() need to know what it was.
    if (flags & constants.O_DIRECTORY) throw error
    throw explained(asked, error)
  }
  try {
    const place = await placeOf(handle, real)
    if (!isInside(root, place)) throw outside(root, asked)
    return { handle, place }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const PROC = '/proc/self/fd'

async function placeOf(handle: FileHandle, path: string): Promise<string> {
  if (existsSync(PROC)) return readlink(`${PROC}/${handle.fd}`)
  // Without /proc the best there is: the path leads to what was opened, now.
  const place = await realpath(path)
  const [opened, there] = await Promise.all([handle.stat(), stat(place)])
  if (opened.ino !== there.ino || opened.dev !== there.dev)
    throw invalid(`${path} was exchanged while it was opened.`)
  return place
}

function placeFor(handle: FileHandle, place: string): string {
  return existsSync(PROC) ? `${PROC}/${handle.fd}` : place
}

async function existing(path: string, asked: string): Promise<Stats | null> {
  try {
    const found = await lstat(path)
    if (found.isDirectory()) throw invalid(`${asked} is a directory; give the path of a file.`)
    if (!found.isFile() && !found.isSymbolicLink())
      throw invalid(`${asked} is a device, socket or named pipe.`)
    return found
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

async function replace(
  directory: Pinned,
  name: string,
  content: string | Uint8Array,
  before: Stats | null,
  { mode, mtimeMs }: WriteOptions,
): Promise<void> {
  const temporary = directory.at(`.retrai-${randomBytes(6).toString('hex')}`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(temporary, flags, 0o666)
  try {
    try {
      await file.writeFile(content)
      const bits = mode ?? (before?.isFile() ? before.mode & 0o7777 : undefined)
      await keepOwner(file, before ?? (await directory.handle.stat()))
      if (bits !== undefined) await file.chmod(bits)
      if (mtimeMs !== undefined) await file.utimes(mtimeMs / 1000, mtimeMs / 1000)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, directory.at(name))
  } catch (error) {
    await unlink(temporary).catch(() => {}) // The error before it is the one to tell.
    throw error
  }
}

/** A server that runs as root must not leave files its user, and the commands of the project, cannot change. */
async function keepOwner(file: FileHandle, { uid, gid }: Stats): Promise<void> {
  const own = await file.stat()
  if (process.getuid?.() !== 0 || (own.uid === uid && own.gid === gid)) return
  await file.chown(uid, gid).catch(() => {}) // Some file systems have no owners.
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).size
  } catch {
    return null // Gone in between.
  }
}

function explained(path: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
      return invalid(`${path} does not exist; look with file_list or find_files.`)
    case 'ENOTDIR':
      return invalid(`${path}: a part of this path is a file, not a directory.`)
    case 'EACCES':
    case 'EPERM':
      return invalid(`${path}: permission denied.`)
    case 'ENXIO':
      return invalid(`${path} is not a regular file (a device, socket or named pipe).`)
    case 'EROFS':
      return invalid(`${path} is on a read-only file system.`)
    case 'ENAMETOOLONG':
      return invalid('The path is too long.')
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('disk_full', `${path} could not be written: the disk is full.`, { cause: error })
    default:
      return error
  }
}

function tooLarge(path: string, size: number, maxBytes: number): AppError {
  const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
  return invalid(
    `${path} has ${mib(size)}, more than the ${mib(maxBytes)} read at once; search it with grep_search or take a part with bash_exec (head, tail, sed -n).`,
  )
}

function invalid(sentence: string): AppError {
  return new AppError('invalid', sentence)
}
