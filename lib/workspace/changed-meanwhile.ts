// Protected files that were changed while the check ran: by something in the background, or by the code under test. What they
// said while they were read is then not known.
import { lstat, readlink } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Flag } from '../contract/events/shared.ts'
import { readFileInside } from './files.ts'
import type { ProtectedFilesOptions } from './protection.ts'
import type { Version } from './swapped-files.ts'
import { differing, type States, statesOf } from './watched-files.ts'

export interface Watching {
  look(): Promise<States>
  since(before: States, after: States): string[]
  root: string
  /** What should be there; null: nothing. */
  expected(path: string): Promise<Buffer | null>
}

/** The protected files of the start as they are for the check, and what was taken away for it. */
export async function watched<T>(
  options: ProtectedFilesOptions<T>,
  isProtected: (path: string) => boolean,
  versions: Version[],
): Promise<Watching> {
  const { workspace, baseTree } = options
  const placed = new Map(versions.map(version => [version.path, version.content]))
  const files = (await workspace.filesIn(baseTree)).map(({ path }) => path).filter(path => isProtected(path))
  const paths = [...new Set([...files, ...placed.keys()])]
  return {
    root: workspace.root,
    look: () => statesOf(workspace.root, paths),
    since: differing,
    async expected(path) {
      const content = placed.get(path)
      return content === undefined ? await workspace.fileAt(baseTree, path) : content
    },
  }
}

/** Results that some tests write beside themselves; they are read by people, not by tests. */
const WRITTEN = new Set(['.log', '.db', '.sqlite', '.sqlite3', '.pid', '.tmp', '.lock', '.cov', '.coverage'])

export async function changedMeanwhile(
  { root, expected }: Watching,
  paths: string[],
  before: States,
  touchedAtStart: string[],
): Promise<Flag[]> {
  const habits = new Set(touchedAtStart)
  const flags: Flag[] = []
  for (const path of paths) {
    const isSame = await hasContent(root, path, await expected(path))
    if (isSame && (habits.has(path) || (await onlyMode(root, path, before)))) continue
    const isHabit = habits.has(path) || WRITTEN.has(extname(path).toLowerCase())
    const what = isSame ? 'was written to' : 'was changed'
    const detail = isHabit
      ? `${path} ${what} while the check ran; the check of the start did the same.`
      : `${path} ${what} while the check ran, so what it checked is not known.`
    flags.push({ code: 'changed_during_check', path, detail, ...(!isHabit && { blocks: true }) })
  }
  return flags
}

async function hasContent(root: string, path: string, content: Buffer | null): Promise<boolean> {
  const found = await lstat(join(root, path)).catch(() => null)
  if (!found || content === null) return !found && content === null
  if (found.isSymbolicLink()) return (await readlink(join(root, path))) === content.toString('utf8')
  const file = await readFileInside(root, path, content.length + 1).catch(() => null)
  return file?.content.equals(content) ?? false
}

/** `chmod +x check.sh && ./check.sh` is what some checks begin with. */
async function onlyMode(root: string, path: string, before: States): Promise<boolean> {
  const [ino, size, mtime, , mode] = before.get(path)?.split(' ') ?? []
  const now = (await statesOf(root, [path])).get(path)?.split(' ') ?? []
  return ino === now[0] && size === now[1] && mtime === now[2] && mode !== now[4]
}
