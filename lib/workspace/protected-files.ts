// «The verdict is taken with the protected files as they were at the start»: finds what the run changed of them, says so,
// and lets the check run with the versions from the start.
import picomatch from 'picomatch'
import type { Flag } from '../contract/events/shared.ts'
import { AppError } from '../errors.ts'
import { saysNoRoom } from '../no-room.ts'
import { readFileInside } from './files.ts'
import { parseObject, sameValue, valueAt, withValue } from './json-keys.ts'
import { putBackInterrupted, type Repairs, type Version, withVersions } from './swapped-files.ts'
import type { Workspace } from './workspace.ts'

export interface ProtectedKey {
  /** A JSON file, relative to the root. */
  file: string
  path: string[]
}

export interface ProtectedFilesOptions<T> {
  workspace: Workspace
  /** Snapshot at the start of the run. */
  baseTree: string
  currentTree: string
  /** Globs (picomatch), relative to the root. */
  patterns: string[]
  keys: ProtectedKey[]
  /** `report`: only say what changed. `enforce`: also run with the versions from the start. */
  mode: 'off' | 'report' | 'enforce'
  /** Where the agent's versions are while others are in place; the same as for `restoreInterrupted`. */
  stateDir: string
  run(): Promise<T>
}

/**
 * Runs the check. In mode `enforce`, changed and deleted protected files are as they were at the start meanwhile;
 * afterwards the agent's own versions are back exactly, also when the check fails, is aborted or changed them itself.
 * New tests are no matter; a new file that a runner reads by its name alone is taken away like a change to one.
 */
export async function withProtectedFiles<T>(
  options: ProtectedFilesOptions<T>,
): Promise<{ result: T; flags: Flag[] }> {
  const { workspace, mode, stateDir, run } = options
  if (mode === 'off') return { result: await run(), flags: [] }
  const enforced = mode === 'enforce'
  const files = await changedFiles(options, enforced)
  const whole = new Set(files.map(file => file.version.path))
  const keys = await changedKeys(options, whole, enforced)
  const flags = [...files.map(file => file.flag), ...keys.flags]
  const versions = [...files.map(file => file.version), ...keys.versions]
  if (!enforced || versions.length === 0) return { result: await run(), flags }
  return { result: await withVersions(workspace.root, stateDir, versions, run), flags }
}

/** At start-up, before any run goes on: puts back the agent's versions where a crash left others in place. */
export function restoreInterrupted(stateDir: string): Promise<Repairs> {
  return putBackInterrupted(stateDir)
}

/**
 * Before a run goes on that had to stop in the middle of a check: the same for this run alone. Rejects with
 * AppError('disk_full') while there is no room for it; what the agent wrote must be in place before anything looks at it.
 */
export async function restoreBeforeGoingOn(stateDir: string): Promise<void> {
  const { failed } = await putBackInterrupted(stateDir)
  const [failure] = failed
  if (!failure) return
  const sentence = `The files of ${failure.root} that were put aside for a check could not be put back (${failure.why}); they are kept in ${failure.storedIn}`
  const isForRoom = failed.some(({ cause }) => saysNoRoom(cause))
  throw new AppError(isForRoom ? 'disk_full' : 'internal', sentence, { cause: failure.cause })
}

/** Read by a runner without being asked, wherever they stand: what is in them decides over tests that were there before. */
const GOVERNS_TESTS = picomatch(
  [
    '**/conftest.py',
    '**/{,.}pytest.ini',
    '**/tox.ini',
    '**/{vitest,jest}.{config,setup}.*',
    '**/vitest.workspace.*',
    '**/.mocharc*',
    '**/__mocks__/**',
  ],
  { dot: true },
)

type Changed = { flag: Flag; version: Version }

async function changedFiles<T>(options: ProtectedFilesOptions<T>, enforced: boolean): Promise<Changed[]> {
  const { workspace, baseTree, currentTree, patterns } = options
  if (patterns.length === 0) return []
  const isMatch = picomatch(patterns, { dot: true })
  const changes = await workspace.changes(baseTree, currentTree)
  const found: Changed[] = []
  for (const { path, status, mode } of changes) {
    if (!isMatch(path) || (status === 'added' && !GOVERNS_TESTS(path))) continue
    const content = status === 'added' ? null : await workspace.fileAt(baseTree, path)
    if (content === null && status !== 'added') continue
    found.push({ flag: flagOf(path, status, enforced), version: { path, content, mode } })
  }
  return found
}

async function changedKeys<T>(options: ProtectedFilesOptions<T>, whole: Set<string>, enforced: boolean) {
  const flags: Flag[] = []
  const versions: Version[] = []
  for (const file of new Set(options.keys.map(key => key.file))) {
    if (whole.has(file)) continue // It is put back as a whole.
    const paths = options.keys.filter(key => key.file === file).map(key => key.path)
    const changed = await compareKeys(options, file, paths)
    if (!changed) continue
    if (changed.gone) {
      const detail = `${file} was deleted or is no longer valid JSON; ${consequence(enforced)}`
      flags.push({ code: 'protected_deleted', path: file, detail })
      versions.push({ path: file, content: changed.base, mode: '100644' })
      continue
    }
    for (const path of changed.paths) flags.push(keyFlag(file, path, enforced))
    if (changed.paths.length > 0)
      versions.push({ path: file, content: Buffer.from(changed.text), mode: changed.mode })
  }
  return { flags, versions }
}

async function compareKeys<T>(
  { workspace, baseTree }: ProtectedFilesOptions<T>,
  file: string,
  paths: string[][],
): Promise<
  null | { gone: true; base: Buffer } | { gone: false; paths: string[][]; text: string; mode: string }
> {
  const base = await workspace.fileAt(baseTree, file)
  const before = base && parseObject(base.toString('utf8'))
  if (!base || !before) return null // Nothing to hold on to.
  const current = await readFileInside(workspace.root, file).catch(() => null)
  const text = current?.content.toString('utf8') ?? ''
  const after = parseObject(text)
  if (!current || !after) return { gone: true, base }
  const changed = paths.filter(path => !sameValue(valueAt(before, path), valueAt(after, path)))
  return {
    gone: false,
    paths: changed,
    text: changed.reduce((kept, path) => withValue(kept, path, valueAt(before, path)), text),
    mode: current.mode & 0o100 ? '100755' : '100644',
  }
}

function flagOf(path: string, status: 'added' | 'modified' | 'deleted', enforced: boolean): Flag {
  const code = status === 'deleted' ? 'protected_deleted' : 'protected_changed'
  if (status === 'added') {
    const then = enforced ? 'the check ran without it.' : 'the check ran with it.'
    return { code, path, detail: `${path} was added since the run began; ${then}` }
  }
  const verb = status === 'deleted' ? 'deleted' : 'changed'
  return { code, path, detail: `${path} was ${verb} since the run began; ${consequence(enforced)}` }
}

function keyFlag(file: string, path: string[], enforced: boolean): Flag {
  const detail = `${path.join('.')} in ${file} was changed since the run began; ${consequence(enforced)}`
  return { code: 'protected_changed', path: file, detail }
}

function consequence(enforced: boolean): string {
  return enforced ? 'the check ran with the version from the start.' : 'the check ran with it as it is now.'
}
