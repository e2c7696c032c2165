// What a run changed of the files that belong to its check, and what has to be in their place for the check.
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Flag } from '../contract/events/shared.ts'
import type { AtStart } from './at-start.ts'
import { readFileInside } from './files.ts'
import { saysNothing } from './governing-files.ts'
import { contentOf, governingNow } from './hidden-files.ts'
import { matcherOf, negated } from './match-paths.ts'
import { keyChanges } from './protected-key-changes.ts'
import { type Changed, consequence, type ProtectedFilesOptions } from './protection.ts'
import type { Version } from './swapped-files.ts'
import type { FileChange } from './workspace.ts'

export async function changesOf<T>(
  options: ProtectedFilesOptions<T>,
  isProtected: (path: string) => boolean,
  atStart: AtStart | null,
): Promise<Changed[]> {
  const { workspace, baseTree, currentTree } = options
  const changes = await workspace.changes(baseTree, currentTree)
  const found = [
    ...(await fileChanges(options, changes, isProtected)),
    ...(await governingChanges(options, isProtected, atStart)),
    ...(await shadowing(options, changes, isProtected)),
    ...(await partChanges(options, changes, isProtected)),
  ]
  const whole = new Set(found.flatMap(({ version }) => version?.path ?? []))
  const keys = await keyChanges(options, changes, whole)
  const mentioned = new Set(options.mentioned)
  const said = changes
    .filter(({ path, status }) => mentioned.has(path) && status !== 'added' && !isProtected(path))
    .map(
      ({ path, status }): Changed => ({
        flags: [
          {
            code: 'check_file_changed',
            path,
            detail: `${path}, which the check runs or reads, was ${status === 'deleted' ? 'deleted' : 'changed'} since the run began; it may be the work itself, so the check ran with it as it is now.`,
          },
        ],
        version: null,
      }),
    )
  return [...unique(found), ...keys, ...said]
}

/** One version for a path, and one flag of a kind. */
function unique(found: Changed[]): Changed[] {
  const seen = new Set<string>()
  return found.filter(({ version }) => {
    if (version === null) return true
    if (seen.has(version.path)) return false
    seen.add(version.path)
    return true
  })
}

async function fileChanges<T>(
  { workspace, baseTree, mode: how, inspect }: ProtectedFilesOptions<T>,
  changes: FileChange[],
  isProtected: (path: string) => boolean,
): Promise<Changed[]> {
  const found: Changed[] = []
  for (const { path, status, mode } of changes) {
    if (status === 'added' || !isProtected(path)) continue
    const content = await workspace.fileAt(baseTree, path)
    if (content === null) continue
    const code = status === 'deleted' ? 'protected_deleted' : 'protected_changed'
    const verb = status === 'deleted' ? 'deleted' : 'changed'
    const detail = `${path} was ${verb} since the run began; ${consequence(how)}`
    const current = status === 'deleted' ? null : await textAt(workspace.root, path)
    const more = inspect && isText(content) ? inspect(path, content.toString('utf8'), current) : []
    found.push({ flags: [{ code, path, detail }, ...more], version: { path, content, mode } })
  }
  return found
}

/** Added ones, and those changed that only the folder itself shows. */
async function governingChanges<T>(
  options: ProtectedFilesOptions<T>,
  isProtected: (path: string) => boolean,
  atStart: AtStart | null,
): Promise<Changed[]> {
  const { workspace, baseTree, currentTree, mode } = options
  const inBase = new Set((await workspace.filesIn(baseTree)).map(({ path }) => path))
  const inNow = new Set((await workspace.filesIn(currentTree)).map(({ path }) => path))
  const found: Changed[] = []
  for (const { path, isFolder } of await governingNow(options, isProtected)) {
    if (inBase.has(path)) continue
    const wasHidden = atStart !== null && Object.hasOwn(atStart.hidden, path)
    // Without a note of the start, what is hidden may have been there before.
    if (atStart === null && (isFolder || !inNow.has(path))) continue
    const version = (content: Buffer | null): Version => ({ path, content, mode: '100644' })
    if (wasHidden) {
      const kept = atStart.hidden[path]
      if (!kept || kept === (await contentOf(workspace.root, path))) continue
      const detail = `${path} was changed since the run began; ${consequence(mode)}`
      const flags: Flag[] = [{ code: 'protected_changed', path, detail }]
      found.push({ flags, version: version(Buffer.from(kept, 'base64')) })
      continue
    }
    if (!isFolder && (await saysNothing(workspace.root, path))) continue
    const then = mode === 'enforce' ? 'the check ran without it.' : 'the check ran with it.'
    const detail = `${path} was added since the run began; ${then}`
    const code = isFolder ? 'tool_shadowed' : 'protected_changed'
    found.push({ flags: [{ code, path, detail }], version: version(null) })
  }
  return found
}

async function shadowing<T>(
  { patterns, shadows, mode }: ProtectedFilesOptions<T>,
  changes: FileChange[],
  isProtected: (path: string) => boolean,
): Promise<Changed[]> {
  if (!shadows) return []
  const isAllowed = matcherOf(negated(patterns))
  const added = changes
    .filter(({ path, status }) => status === 'added' && isProtected(path) && !isAllowed(path))
    .map(({ path }) => path)
  const then = mode === 'enforce' ? 'the check ran without it.' : 'the check ran with it.'
  return (await shadows(added)).map(({ path, detail }) => ({
    flags: [{ code: 'tool_shadowed', path, detail: `${detail}; ${then}` }],
    version: { path, content: null, mode: '100644' },
  }))
}

/** Tests inside files that are the work. */
async function partChanges<T>(
  { workspace, baseTree, patterns, parts, inspect, mode: how }: ProtectedFilesOptions<T>,
  changes: FileChange[],
  isProtected: (path: string) => boolean,
): Promise<Changed[]> {
  if (!parts) return []
  const isAllowed = matcherOf(negated(patterns))
  const found: Changed[] = []
  for (const { path, status } of changes) {
    if (status !== 'modified' || isProtected(path) || isAllowed(path)) continue
    const current = await textAt(workspace.root, path)
    const base = current === null ? null : await workspace.fileAt(baseTree, path)
    if (current === null || !base || !isText(base)) continue
    const before = base.toString('utf8')
    const text = parts(path, before, current)
    if (text === null || text === current) continue
    const detail = `The tests in ${path} were changed since the run began; ${
      how === 'enforce'
        ? 'the check ran with those from the start.'
        : 'the check ran with them as they are now.'
    }`
    const { mode } = await lstat(join(workspace.root, path))
    found.push({
      flags: [{ code: 'protected_changed', path, detail }, ...(inspect?.(path, before, current) ?? [])],
      version: { path, content: Buffer.from(text), mode: mode & 0o100 ? '100755' : '100644' },
    })
  }
  return found
}

const MAX_TEXT = 2 * 1024 * 1024

const isText = (content: Buffer) => content.length <= MAX_TEXT && !content.subarray(0, 8000).includes(0)

/** null where there is no such text file any more, e.g. a link or a folder. */
async function textAt(root: string, path: string): Promise<string | null> {
  const found = await lstat(join(root, path)).catch(() => null)
  if (!found?.isFile()) return null
  const file = await readFileInside(root, path, MAX_TEXT).catch(() => null)
  return file && isText(file.content) ? file.content.toString('utf8') : null
}
