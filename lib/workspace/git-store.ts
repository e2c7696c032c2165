// The object store of snapshots, and git run on it: never with the configuration of a person, a system or a project.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnv, systemFirst } from './child-env.ts'
import type { Spawner, SpawnResult } from './spawner.ts'

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

export interface GitStoreOptions {
  dataDir: string
  spawner: Spawner
  env: Record<string, string | undefined>
  /** The folder whose snapshots it keeps. */
  root: string
  /** Keeps them in the store of this folder, so that they can be held against its snapshots; default: its own. */
  storeOf?: string
}

export interface GitOptions {
  workTree?: string
  index?: string
  input?: string
  signal?: AbortSignal
  timeoutMs?: number
  keepBytes?: number
  /** For a command of git that does not take paths to the letter. */
  hasPathspecs?: boolean
}

export interface GitStore {
  path: string
  /** Resolves whatever the exit code; rejects with GitFailed when git is not installed. */
  git(args: string[], options?: GitOptions): Promise<SpawnResult>
  /** The output; rejects with GitFailed when git fails. */
  mustGit(args: string[], options?: GitOptions): Promise<Buffer>
  /** Makes the store; called before its first use, and again at no cost. */
  prepare(): Promise<void>
}

/** git is missing or failed; the message says which. */
export class GitFailed extends Error {}

const LIST_BYTES = 32 * 1024 * 1024
const LIST_MS = 60_000

export function gitStore({ dataDir, spawner, env, root, storeOf = root }: GitStoreOptions): GitStore {
  const name = createHash('sha256').update(storeOf).digest('hex').slice(0, 24)
  const gitDir = join(dataDir, 'snapshots', `${name}.git`)
  let ready: Promise<void> | null = null

  async function git(args: string[], options: GitOptions = {}): Promise<SpawnResult> {
    const { PATH = '' } = childEnv(env)
    const result = await spawner.run({
      argv: ['git', '-c', 'safe.directory=*', '-c', `core.excludesFile=${root}/.git/info/exclude`, ...args],
      cwd: options.workTree ?? gitDir,
      env: childEnv(env, {
        PATH: systemFirst(PATH, root),
        GIT_DIR: gitDir,
        ...(options.workTree && { GIT_WORK_TREE: options.workTree }),
        ...(options.index && { GIT_INDEX_FILE: options.index }),
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_SYSTEM: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_LITERAL_PATHSPECS: options.hasPathspecs ? '0' : '1',
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
    // They hold whole files of the project: for this user alone.
    for (const name of ['info', 'objects', 'refs'])
      await mkdir(join(gitDir, name), { recursive: true, mode: 0o700 })
    // By hand: `git init` would copy templates. Compared each time: an update of ours takes effect.
    await put('HEAD', 'ref: refs/heads/none\n')
    await put('config', CONFIG)
    await put(join('info', 'exclude'), `${EXCLUDE.join('\n')}\n`)
    await put(join('info', 'attributes'), ATTRIBUTES)
  }

  /** Nothing is written that is there already, so snapshots can be read while the disk is full; and nothing by halves. */
  async function put(name: string, content: string): Promise<void> {
    const file = join(gitDir, name)
    if ((await readFile(file, 'utf8').catch(() => null)) === content) return
    await writeFile(`${file}.new`, content)
    await rename(`${file}.new`, file)
  }

  return { path: gitDir, git, mustGit, prepare }
}

export function failureOf(args: string[], result: SpawnResult): string {
  const said = Buffer.from(result.err.head).toString('utf8').trim().split('\n').slice(-3).join(' ')
  return `git ${args[0]} ${result.timedOut ? 'took too long' : `failed (${result.exitCode ?? result.signal})`}: ${said || result.problem || 'it said nothing'}`
}
