// Snapshots of a folder as git trees, in an object store of our own. The project's repository is neither read nor
// written, and nothing in the project (hooks, filters, configuration) is ever executed.
import { createHash } from 'node:crypto'
import { lstat, mkdir, open, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, messageOf } from '../errors.ts'
import { childEnv } from './child-env.ts'
import { parseChanges, parseStat } from './diff-stat.ts'
import { codeOf } from './paths.ts'
import type { Spawner, SpawnResult } from './spawner.ts'
import type { Diff, FileChange, Workspace } from './workspace.ts'

export const MAX_FILES = 50_000
export const MAX_BYTES = 1024 ** 3
const LIST_BYTES = 32 * 1024 * 1024
const FILE_BYTES = 64 * 1024 * 1024
const MAX_PATCH_BYTES = 2 * 1024 * 1024
const LIST_MS = 60_000
const ADD_MS = 300_000
const MAX_NESTED = 50

type Snapshots = Pick<Workspace, 'snapshot' | 'snapshotProblem' | 'diff' | 'changes' | 'fileAt'>

/** Never part of a snapshot, whatever the project's .gitignore says or does not say. */
const EXCLUDE = [
  'node_modules/',
  '.venv/',
  'venv/',
  '__pycache__/',
  '*.pyc',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.tox/',
  '.next/',
  '.retrai/',
  '.retrai-*',
  '.DS_Store',
]

const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	symlinks = true
	autocrlf = false
	safecrlf = false
	quotePath = false
	fsmonitor = false
	untrackedCache = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	checkStat = default
	trustctime = true
	looseCompression = 1
	bigFileThreshold = 20m
[gc]
	auto = 0
[maintenance]
	auto = false
[diff]
	renameLimit = 2000
`

// No line endings are converted and no filter runs: a snapshot holds the bytes that are there.
const ATTRIBUTES = '* -text -ident -filter !eol !working-tree-encoding\n'

interface Options {
  dataDir: string
  spawner: Spawner
  env: Record<string, string | undefined>
}

class GitFailed extends Error {}
class TooLarge extends Error {}

export function createSnapshots({ dataDir, spawner, env }: Options): { of(root: string): Snapshots } {
  const stores = new Map<string, ReturnType<typeof openStore>>()

  /** Two runs in one folder share the store and its index, and take turns. */
  function storeOf(root: string) {
    let store = stores.get(root)
    if (!store) {
      store = openStore({ dataDir, spawner, env, root })
      stores.set(root, store)
    }
    return store
  }

  return {
    of(root) {
      const store = storeOf(root)
      let problem: string | null = null
      let forGood = false
      return {
        get snapshotProblem() {
          return problem
        },
        async snapshot(signal) {
          if (forGood) return null
          try {
            const tree = await store.snapshot(signal)
            problem = null
            return tree
          } catch (error) {
            signal?.throwIfAborted()
            problem = problemOf(error)
            // Counting a huge folder again and again would cost minutes and end the same.
            forGood = error instanceof TooLarge
            return null
          }
        },
        diff: store.diff,
        changes: store.changes,
        fileAt: store.fileAt,
      }
    },
  }
}

function problemOf(error: unknown): string {
  if (error instanceof TooLarge) return error.message
  if (error instanceof GitFailed) return `No snapshots: ${error.message}`
  return `No snapshots: ${messageOf(error)}`
}

function openStore({ dataDir, spawner, env, root }: Options & { root: string }) {
  const gitDir = join(
    dataDir,
    'snapshots',
    `${createHash('sha256').update(root).digest('hex').slice(0, 24)}.git`,
  )
  let ready: Promise<void> | null = null
  let last: Promise<unknown> = Promise.resolve()

  interface GitOptions {
    workTree?: string
    index?: string
    input?: string
    signal?: AbortSignal
    timeoutMs?: number
    keepBytes?: number
  }

  async function git(args: string[], options: GitOptions = {}): Promise<SpawnResult> {
    const result = await spawner.run({
      argv: ['git', '-c', 'safe.directory=*', '-c', `core.excludesFile=${root}/.git/info/exclude`, ...args],
      cwd: options.workTree ?? gitDir,
      env: childEnv(env, {
        GIT_DIR: gitDir,
        ...(options.workTree && { GIT_WORK_TREE: options.workTree }),
        ...(options.index && { GIT_INDEX_FILE: options.index }),
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_SYSTEM: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_LITERAL_PATHSPECS: '1',
        GIT_NO_REPLACE_OBJECTS: '1',
        LC_ALL: 'C',
      }),
      timeoutMs: options.timeoutMs ?? LIST_MS,
      signal: options.signal,
      input: options.input,
      headBytes: options.keepBytes ?? LIST_BYTES,
      tailBytes: 0,
    })
    if (result.notStarted && result.problem?.includes('ENOENT')) {
      throw new GitFailed('git is not installed on the server; install it to see what a run changed.')
    }
    return result
  }

  async function mustGit(args: string[], options?: GitOptions): Promise<Buffer> {
    const result = await git(args, options)
    if (result.exitCode !== 0) throw new GitFailed(failureOf(args, result))
    return Buffer.from(result.out.head)
  }

  function prepare(): Promise<void> {
    ready ??= init().catch(error => {
      ready = null
      throw error
    })
    return ready
  }

  async function init(): Promise<void> {
    await mkdir(join(gitDir, 'info'), { recursive: true })
    await mkdir(join(gitDir, 'objects'), { recursive: true })
    await mkdir(join(gitDir, 'refs'), { recursive: true })
    // Written by hand and each time: `git init` would copy templates, and an update of ours takes effect.
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n')
    await writeFile(join(gitDir, 'config'), CONFIG)
    await writeFile(join(gitDir, 'info', 'exclude'), `${EXCLUDE.join('\n')}\n`)
    await writeFile(join(gitDir, 'info', 'attributes'), ATTRIBUTES)
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }

  async function snapshot(signal?: AbortSignal): Promise<string> {
    await prepare()
    return inTurn(async () => {
      try {
        return await treeOf('', { files: 0, bytes: 0, nested: 0 }, signal)
      } catch (error) {
        if (!(error instanceof GitFailed) || signal?.aborted) throw error
        // A file that changed its kind in between, or a damaged index: once more from nothing.
        await rm(indexOf(''), { force: true })
        return await treeOf('', { files: 0, bytes: 0, nested: 0 }, signal)
      }
    })
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

    total.files += changed.length + (await entriesIn(index))
    if (total.files > MAX_FILES) throw tooManyFiles()
    const { readable, fresh, folders } = await measure(workTree, changed, total, signal)
    await writeDoubtful(index, fresh)
    const forgotten = [...doubtful, ...folders]
    if (forgotten.length > 0) {
      const args = ['update-index', '--force-remove', '-z', '--stdin']
      await mustGit(args, { workTree, index, signal, input: joined(forgotten) })
    }
    if (readable.length > 0) {
      const args = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin']
      await mustGit(args, { workTree, index, signal, timeoutMs: ADD_MS, input: joined(readable) })
    }
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
    const index = join(gitDir, 'index-joined')
    const trees: [string, string][] = []
    for (const name of nested) trees.push([name, await treeOf(join(folder, name), total, signal)])
    await rm(`${index}.lock`, { force: true })
    await mustGit(['read-tree', tree], { index, signal })
    for (const [name, inner] of trees)
      await mustGit(['read-tree', `--prefix=${name}`, inner], { index, signal })
    return (await mustGit(['write-tree'], { index, signal })).toString().trim()
  }

  function indexOf(folder: string): string {
    if (folder === '') return join(gitDir, 'index')
    return join(gitDir, `index-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`)
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

  return { snapshot, diff, changes, fileAt }
}

interface Totals {
  files: number
  bytes: number
  nested: number
}

/**
 * Git compares whole seconds, so a file it reads in the second of the file's last change can change again unseen (when
 * its size and time of modification stay). Those files are read again at the next snapshot; they stand beside the index.
 */
async function readDoubtful(index: string): Promise<string[]> {
  return split(await readFile(`${index}.doubtful`).catch(() => Buffer.alloc(0)))
}

async function writeDoubtful(index: string, names: string[]): Promise<void> {
  await writeFile(`${index}.doubtful`, joined(names))
}

/** What is behind a link is not in the project any more, though the old path still leads to a file. */
async function withoutLinkedFolders(workTree: string, names: string[]): Promise<string[]> {
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
async function measure(workTree: string, names: string[], total: Totals, signal?: AbortSignal) {
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

function split(bytes: Buffer): string[] {
  // latin1 would keep names that are not UTF-8 exact, but would have to travel through everything; such names are rare.
  return bytes.toString('utf8').split('\0').filter(Boolean)
}

function joined(names: string[]): string {
  return names.map(name => `${name}\0`).join('')
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

function failureOf(args: string[], result: SpawnResult): string {
  const said = Buffer.from(result.err.head).toString('utf8').trim().split('\n').slice(-3).join(' ')
  return `git ${args[0]} ${result.timedOut ? 'took too long' : `failed (${result.exitCode ?? result.signal})`}: ${said || result.problem || 'it said nothing'}`
}
