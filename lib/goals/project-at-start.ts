// The project as it was when the run began: what belongs to a check is found out there, where no agent has been.
import { posix } from 'node:path'
import type { Workspace } from '../workspace/workspace.ts'

export interface ProjectAtStart {
  /** Every file, relative to the root. */
  paths: ReadonlySet<string>
  /** Every folder with a file in it. */
  folders: ReadonlySet<string>
  /** null when there is no such file, or it is too large for anything a goal reads. */
  text(path: string): Promise<string | null>
}

const MAX_BYTES = 1024 * 1024

export async function projectAt(
  workspace: Workspace,
  tree: string,
  signal?: AbortSignal,
): Promise<ProjectAtStart> {
  const paths = new Set((await workspace.filesIn(tree, signal)).map(({ path }) => path))
  const folders = new Set<string>()
  for (const path of paths)
    for (
      let folder = posix.dirname(path);
      folder !== '.' && !folders.has(folder);
      folder = posix.dirname(folder)
    )
      folders.add(folder)
  const texts = new Map<string, Promise<string | null>>()
  const read = async (path: string) => {
    const content = await workspace.fileAt(tree, path)
    return content && content.length <= MAX_BYTES ? content.toString('utf8') : null
  }
  return {
    paths,
    folders,
    text(path) {
      if (!paths.has(path)) return Promise.resolve(null)
      const known = texts.get(path) ?? read(path)
      texts.set(path, known)
      return known
    },
  }
}

/** Where there are no snapshots, and nothing can be protected anyway. */
export const unknownStart: ProjectAtStart = {
  paths: new Set(),
  folders: new Set(),
  text: () => Promise.resolve(null),
}
