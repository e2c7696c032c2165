// Puts a folder back from one snapshot to an earlier one: what differs between the two, and nothing else. Safe to do again after
// it broke off anywhere. What somebody changed meanwhile stays, and so does what the earlier snapshot did not look at, because
// it was ignored then.
import { lstat, readdir, readlink, realpath, rmdir, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAppError } from '../errors.ts'
import { saysNoRoom } from '../no-room.ts'
import { deleteInside, writeFileInside } from './files.ts'
import { codeOf } from './paths.ts'
import type { FileChange, Restored, Workspace } from './workspace.ts'

export interface RestoreParts {
  root: string
  snapshot(signal?: AbortSignal): Promise<string | null>
  changes: Workspace['changes']
  fileAt: Workspace['fileAt']
  /** Of these paths, those that the folder's ignore files name now. */
  ignored(paths: string[], signal?: AbortSignal): Promise<string[]>
  /** Takes them out of what snapshots look at. */
  forget(paths: string[]): Promise<void>
}

export async function restoreSnapshot(
  parts: RestoreParts,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<Restored> {
  const { root } = parts
  const now = await parts.snapshot(signal)
  if (now === null) throw new Error('No snapshot of the directory could be taken')
  // What is to be put back: as the later snapshot has it now. What is neither of the two is somebody else's.
  const differing = await parts.changes(to, from, signal)
  const isAtFrom = without(await parts.changes(now, from, signal))
  const isAtTo = without(await parts.changes(now, to, signal))
  const wanted = differing.filter(({ path }) => !isAtTo(path) && isAtFrom(path))

  const left = new Set<string>()
  const attempt = async (path: string, work: () => Promise<void>) => {
    signal?.throwIfAborted()
    await work().then(
      () => left.delete(path),
      error => {
        if (isAppError(error) && error.code === 'disk_full') throw error
        if (saysNoRoom(error)) throw error
        left.add(path)
      },
    )
  }
  const put = (change: FileChange) => attempt(change.path, () => putVersion(parts, to, change))

  const added = wanted.filter(({ status }) => status === 'added')
  const before = wanted.filter(({ status }) => status !== 'added')
  // The ignore files first: they say which of the new files were there before, only out of sight.
  const ignoreFiles = wanted.filter(({ path }) => basename(path) === '.gitignore')
  for (const change of ignoreFiles)
    await (change.status === 'added' ? attempt(change.path, () => remove(root, change.path)) : put(change))
  const hidden = new Set(await parts.ignored(pathsOf(added), signal))
  for (const { path } of added) if (!hidden.has(path)) await attempt(path, () => remove(root, path))
  for (const change of before) await put(change)
  for (const { path } of added) if (!hidden.has(path)) await removeEmptyAbove(root, path)
  await parts.forget([...hidden])

  const after = await parts.snapshot(signal)
  const isAtToAfter = after === null ? () => false : without(await parts.changes(after, to, signal))
  return {
    tree: after,
    restored: pathsOf(differing).filter(path => isAtToAfter(path)),
    left: pathsOf(differing).filter(path => !isAtToAfter(path) && !hidden.has(path)),
  }
}

const pathsOf = (changes: FileChange[]) => changes.map(({ path }) => path)

/** Whether a path is the same in both of two snapshots. */
function without(changes: FileChange[]): (path: string) => boolean {
  const paths = new Set(pathsOf(changes))
  return path => !paths.has(path)
}

const isOfGit = (path: string) => path.split('/').some(part => part.toLowerCase() === '.git')

async function remove(root: string, path: string): Promise<void> {
  if (isOfGit(path)) throw new Error(`${path} belongs to git`)
  await deleteInside(root, path)
}

async function putVersion(parts: RestoreParts, tree: string, { path, mode }: FileChange): Promise<void> {
  const { root } = parts
  if (isOfGit(path)) throw new Error(`${path} belongs to git`)
  const content = await parts.fileAt(tree, path)
  if (content === null) throw new Error(`${path} is not in the snapshot`)
  const full = join(root, path)
  const there = await lstat(full).catch(() => null)
  // Folders that hold nothing any more; with something in it, it stays, and the file is reported.
  if (there?.isDirectory() && (await realpath(full)) === full) await removeEmptyFolders(full)
  if (mode === '120000') {
    const target = content.toString('utf8')
    if (there?.isSymbolicLink() && (await readlink(full)) === target) return
    await makeRoom(root, path)
    await symlink(target, full)
    return
  }
  if (there?.isSymbolicLink()) await deleteInside(root, path)
  const isRunnable = mode === '100755'
  const bits = there?.isFile()
    ? withExecution(there.mode, isRunnable)
    : isRunnable
      ? 0o777 & ~process.umask()
      : undefined
  await writeFileInside(root, path, content, {
    ...(bits !== undefined && { mode: bits }),
    // Not the time of before: what was built since then must see that it is old.
    mtimeMs: laterSecond(there?.mtimeMs),
    allowConfig: true,
  })
}

/** A place for a link, with its parents; written and taken away again, so that no link is followed on the way. */
async function makeRoom(root: string, path: string): Promise<void> {
  await deleteInside(root, path).catch(error => {
    if (codeOf(error) !== 'ENOENT') throw error
  })
  await writeFileInside(root, path, '', { allowConfig: true })
  await deleteInside(root, path)
}

/** Who may read it stays; who may read it may run it, or nobody. */
const withExecution = (mode: number, isRunnable: boolean) =>
  isRunnable ? (mode & 0o7777) | ((mode & 0o444) >> 2) : mode & 0o7777 & ~0o111

/** Caches such as Python's .pyc go by the second. */
function laterSecond(before: number | undefined): number {
  const now = Date.now()
  const isSame = before !== undefined && Math.floor(before / 1000) === Math.floor(now / 1000)
  return isSame ? (Math.floor(now / 1000) + 1) * 1000 : now
}

async function removeEmptyFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name))
  await rmdir(folder)
}

/** Snapshots know no empty folders. */
async function removeEmptyAbove(root: string, path: string): Promise<void> {
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    const full = join(root, folder)
    // Never through a link in the path.
    if ((await realpath(full).catch(() => null)) !== full) continue
    const isGone = await rmdir(full).then(
      () => true,
      () => false, // something else is in it
    )
    if (!isGone) return
  }
}
