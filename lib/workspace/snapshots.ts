// Snapshots of a folder as git trees, in an object store of our own. The project's repository is neither read nor
// written, and nothing in the project (hooks, filters, configuration) is ever executed.
import { createHash, randomUUID } from 'node:crypto'
import { lstat, open, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError, messageOf } from '../errors.ts'
import { hasNoRoom, saysNoRoom } from '../no-room.ts'
import { createTurns } from '../turns.ts'
import { parseChanges, parseFiles, parseStat } from './diff-stat.ts'
import { failureOf, GitFailed, type GitStoreOptions, gitStore } from './git-store.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import {
  joined,
  measure,
  readDoubtful,
  split,
  TooLarge,
  type Totals,
  withoutLinkedFolders,
  writeDoubtful,
} from './snapshot-files.ts'
import type { Diff, FileChange, SnapshotFile, Workspace } from './workspace.ts'

export const MAX_FILES = 50_000
const FILE_BYTES = 64 * 1024 * 1024
const MAX_PATCH_BYTES = 2 * 1024 * 1024
const ADD_MS = 300_000
const MAX_NESTED = 50

type Snapshots = Pick<
  Workspace,
  'snapshot' | 'snapshotProblem' | 'diff' | 'changes' | 'filesIn' | 'checkOut' | 'fileAt' | 'restore'
>

type Options = Omit<GitStoreOptions, 'root'>

export function createSnapshots({ dataDir, spawner, env }: Options): {
  /** `storeOf`: another folder, with whose snapshots those of this one are to be compared. */
  of(root: string, storeOf?: string): Snapshots
} {
  const stores = new Map<string, ReturnType<typeof openStore>>()

  /** Two runs in one folder share the store and its index, and take turns. */
  function storeFor(root: string, storeOf: string) {
    if (root !== storeOf) return openStore({ dataDir, spawner, env, root, storeOf })
    let store = stores.get(root)
    if (!store) {
      store = openStore({ dataDir, spawner, env, root })
      stores.set(root, store)
    }
    return store
  }

  return {
    of(root, storeOf = root) {
      const store = storeFor(root, storeOf)
      let problem: string | null = null
      let forGood = false
      async function snapshot(signal?: AbortSignal): Promise<string | null> {
        if (forGood) return null
        try {
          const tree = await store.snapshot(signal)
          problem = null
          return tree
        } catch (error) {
          signal?.throwIfAborted()
          // Not null: a check without a snapshot is one without protected tests, and the run can wait for room instead.
          if (await isForWantOfRoom(error, dataDir)) {
            await store.tidy()
            throw new AppError(
              'disk_full',
              'No snapshot could be taken, because the disk is full: free some space, then try again',
              { cause: error },
            )
          }
          problem = problemOf(error)
          // Counting a huge folder again and again would cost minutes and end the same.
          forGood = error instanceof TooLarge
          return null
        }
      }
      return {
        get snapshotProblem() {
          return problem
        },
        snapshot,
        restore: (from, to, signal) => restoreSnapshot({ root, ...store, snapshot }, from, to, signal),
        diff: store.diff,
        changes: store.changes,
        filesIn: store.filesIn,
        checkOut: store.checkOut,
        fileAt: store.fileAt,
      }
    },
  }
}

/** Git does not always say why it could not write, so the disk is asked too. */
const isForWantOfRoom = async (error: unknown, dataDir: string): Promise<boolean> =>
  !(error instanceof TooLarge) &&
  (saysNoRoom(error) || (error instanceof GitFailed && (await hasNoRoom(dataDir))))

function problemOf(error: unknown): string {
  if (error instanceof TooLarge) return error.message
  if (error instanceof GitFailed) return `No snapshots: ${error.message}`
  return `No snapshots: ${messageOf(error)}`
}

function openStore(options: GitStoreOptions) {
  const { root, storeOf = root } = options
  // A guest in another folder's store has indexes of its own.
  const prefix = root === storeOf ? 'index' : `index-of-${shortHash(root)}`
  const { path: gitDir, git, mustGit, prepare } = gitStore(options)
  const inTurn = createTurns()

  async function snapshot(signal?: AbortSignal): Promise<string> {
    await prepare()
    return inTurn(async () => {
      try {
        return await treeOf('', { bytes: 0, nested: 0 }, signal)
      } catch (error) {
        if (!(error instanceof GitFailed) || signal?.aborted || saysNoRoom(error)) throw error
        // A file that changed its kind in between, or a damaged index: once more from nothing.
        await forgetIndexes()
        return await treeOf('', { bytes: 0, nested: 0 }, signal)
      }
    })
  }

  /** What git leaves of objects it could not finish; they only take room. */
  async function tidy(): Promise<void> {
    await inTurn(async () => {
      const names = await readdir(join(gitDir, 'objects'), { recursive: true }).catch(() => [])
      const unfinished = names.filter(name => basename(name).startsWith('tmp_obj_'))
      for (const name of unfinished) await rm(join(gitDir, 'objects', name), { force: true })
    })
  }

  const isOwnIndex = (name: string) =>
    name.startsWith(prefix) && (root !== storeOf || !name.startsWith('index-of-'))

  async function forgetIndexes(): Promise<void> {
    const names = (await readdir(gitDir)).filter(name => isOwnIndex(name))
    for (const name of names) await rm(join(gitDir, name), { force: true })
  }

  /** A repository inside the project is one opaque entry for git; so each gets its own index, and its tree is put in. */
  async function treeOf(folder: string, total: Totals, signal?: AbortSignal): Promise<string> {
    const workTree = join(root, folder)
    const index = indexOf(folder)
    // We take turns, so a lock is what a crash left.
    await rm(`${index}.lock`, { force: true })
    const listed = await git(['ls-files', '-z', '-o', '-m', '-d', '--exclude-standard'], {
      workTree,
      index,
      signal,
    })
    if (listed.timedOut || listed.out.bytes > listed.out.head.length) throw tooManyFiles()
    if (listed.exitCode !== 0) throw new GitFailed(failureOf(['ls-files'], listed))
    const doubtful = await readDoubtful(index)
    const again = await withoutLinkedFolders(workTree, doubtful)
    const names = [...new Set([...split(Buffer.from(listed.out.head)), ...again])]
    const nested = names.filter(name => name.endsWith('/'))
    const changed = names.filter(name => !name.endsWith('/'))

    if (changed.length > MAX_FILES) throw tooManyFiles()
    const { readable, fresh, folders } = await measure(workTree, changed, total, signal)
    // Until git has read them, both: whatever breaks off in between, the next snapshot reads them again.
    await writeDoubtful(index, [...new Set([...doubtful, ...fresh])])
    const forgotten = [...doubtful, ...folders]
    if (forgotten.length > 0) {
      const args = ['update-index', '--force-remove', '-z', '--stdin']
      await mustGit(args, { workTree, index, signal, input: joined(forgotten) })
    }
    if (readable.length > 0) {
      const args = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin']
      await mustGit(args, { workTree, index, signal, timeoutMs: ADD_MS, input: joined(readable) })
    }
    await writeDoubtful(index, fresh)
    if ((await entriesIn(index)) > MAX_FILES) throw tooManyFiles()
    const tree = (await mustGit(['write-tree'], { workTree, index, signal })).toString().trim()
    if (nested.length === 0) return tree
    total.nested += nested.length
    if (total.nested > MAX_NESTED)
      throw new TooLarge(`No snapshots: more than ${MAX_NESTED} repositories inside the project.`)
    return withNested(tree, folder, nested, total, signal)
  }

  async function withNested(
    tree: string,
    folder: string,
    nested: string[],
    total: Totals,
    signal?: AbortSignal,
  ) {
    const index = join(gitDir, `${prefix}-joined`)
    const trees: [string, string][] = []
    for (const name of nested) trees.push([name, await treeOf(join(folder, name), total, signal)])
    await rm(`${index}.lock`, { force: true })
    await mustGit(['read-tree', tree], { index, signal })
    for (const [name, inner] of trees)
      await mustGit(['read-tree', `--prefix=${name}`, inner], { index, signal })
    return (await mustGit(['write-tree'], { index, signal })).toString().trim()
  }

  function indexOf(folder: string): string {
    return join(gitDir, folder === '' ? prefix : `${prefix}-${shortHash(folder)}`)
  }

  async function diff(
    from: string,
    to: string,
    { maxPatchBytes = MAX_PATCH_BYTES, signal }: { maxPatchBytes?: number; signal?: AbortSignal } = {},
  ): Promise<Diff> {
    await prepare()
    const trees = [treeId(from), treeId(to)]
    const common = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', '--no-color']
    const [counted, patch] = await Promise.all([
      mustGit([...common, '-z', '--raw', '--numstat', ...trees], { signal }),
      git([...common, '-p', '--src-prefix=a/', '--dst-prefix=b/', ...trees], {
        signal,
        keepBytes: maxPatchBytes,
      }),
    ])
    if (patch.exitCode !== 0) throw new GitFailed(failureOf(['diff-tree'], patch))
    const truncated = patch.out.bytes > patch.out.head.length
    const text = Buffer.from(patch.out.head).toString('utf8')
    return {
      stat: parseStat(counted),
      patch: truncated ? text.slice(0, text.lastIndexOf('\n') + 1) : text,
      truncated,
    }
  }

  async function changes(from: string, to: string, signal?: AbortSignal): Promise<FileChange[]> {
    await prepare()
    const args = ['diff-tree', '-r', '--no-renames', '-z', '--raw', treeId(from), treeId(to)]
    return parseChanges(await mustGit(args, { signal }))
  }

  async function filesIn(tree: string, signal?: AbortSignal): Promise<SnapshotFile[]> {
    await prepare()
    return parseFiles(await mustGit(['ls-tree', '-r', '-z', treeId(tree)], { signal }))
  }

  async function checkOut(tree: string, folder: string, signal?: AbortSignal): Promise<void> {
    await prepare()
    const index = join(gitDir, `index-checkout-${randomUUID()}`)
    try {
      await mustGit(['read-tree', treeId(tree)], { index, signal })
      await mustGit(['checkout-index', '-a', '-q'], { workTree: folder, index, signal, timeoutMs: ADD_MS })
    } finally {
      await rm(index, { force: true })
    }
  }

  async function fileAt(tree: string, path: string): Promise<Buffer | null> {
    await prepare()
    const result = await git(['cat-file', 'blob', `${treeId(tree)}:${path}`], { keepBytes: FILE_BYTES })
    if (result.exitCode === 128) return null
    if (result.exitCode !== 0) throw new GitFailed(failureOf(['cat-file'], result))
    if (result.out.bytes > result.out.head.length) {
      throw new AppError('invalid', `${path} is larger than 64 MiB and cannot be read from a snapshot.`)
    }
    return Buffer.from(result.out.head)
  }

  /** By the folder that each path belongs to: a repository inside the project has ignore files of its own. */
  async function byFolder(paths: string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>()
    const known = new Map<string, string>([['.', '']])
    const folderOf = async (directory: string): Promise<string> => {
      const before = known.get(directory)
      if (before !== undefined) return before
      const isOwn = await lstat(join(root, directory, '.git')).then(
        () => true,
        () => false,
      )
      const folder = isOwn ? `${directory}/` : await folderOf(dirname(directory))
      known.set(directory, folder)
      return folder
    }
    for (const path of paths) {
      const folder = await folderOf(dirname(path))
      const names = found.get(folder) ?? []
      names.push(path.slice(folder.length))
      found.set(folder, names)
    }
    return found
  }

  async function ignored(paths: string[], signal?: AbortSignal): Promise<string[]> {
    const found: string[] = []
    for (const [folder, names] of await byFolder(paths)) {
      const args = ['check-ignore', '--no-index', '-z', '--stdin']
      const workTree = join(root, folder)
      const result = await git(args, {
        workTree,
        index: indexOf(folder),
        signal,
        hasPathspecs: true,
        // So that no name can be taken for more than a name.
        input: joined(names.map(name => `./${name}`)),
      })
      // 1: none of them.
      if (result.exitCode !== 0 && result.exitCode !== 1) throw new GitFailed(failureOf(args, result))
      for (const name of split(Buffer.from(result.out.head))) found.push(folder + name.slice(2))
    }
    return found
  }

  async function forget(paths: string[]): Promise<void> {
    for (const [folder, names] of await byFolder(paths)) {
      const index = indexOf(folder)
      await inTurn(async () => {
        const args = ['update-index', '--force-remove', '-z', '--stdin']
        await mustGit(args, { workTree: join(root, folder), index, input: joined(names) })
        const gone = new Set(names)
        await writeDoubtful(
          index,
          (await readDoubtful(index)).filter(name => !gone.has(name)),
        )
      })
    }
  }

  return { snapshot, diff, changes, filesIn, checkOut, fileAt, tidy, ignored, forget }
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** The number of entries stands in the header of the index. */
async function entriesIn(index: string): Promise<number> {
  try {
    if ((await stat(index)).size < 12) return 0
    const file = await open(index, 'r')
    try {
      const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0)
      return buffer.readUInt32BE(8)
    } finally {
      await file.close()
    }
  } catch {
    return 0 // The first snapshot.
  }
}

function treeId(tree: string): string {
  if (!/^[0-9a-f]{40,64}$/.test(tree)) throw new AppError('invalid', `${tree} is not the id of a snapshot.`)
  return tree
}

function tooManyFiles(): TooLarge {
  return new TooLarge(
    'No snapshots: the project has more than 50,000 files; add data and build folders to its .gitignore.',
  )
}
