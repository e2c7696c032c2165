// Governing files that no snapshot holds, because .gitignore hides them.
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AtStart } from './at-start.ts'
import { readFileInside } from './files.ts'
import { findGoverning, type Governing } from './governing-files.ts'
import { matcherOf, negated } from './match-paths.ts'
import type { ProtectedFilesOptions } from './protection.ts'

const MAX_BYTES = 1024 * 1024

/** All governing files that are there, those of snapshots included. */
export function governingNow<T>(
  { workspace, patterns, governs = [] }: ProtectedFilesOptions<T>,
  isProtected: (path: string) => boolean,
): Promise<Governing[]> {
  const isGoverning = matcherOf([...governs, ...negated(patterns).map(pattern => `!${pattern}`)])
  return findGoverning(workspace.root, isGoverning, isProtected)
}

/** Those outside of the first snapshot, with what is in them, to be put back when they change. */
export async function hiddenNow<T>(
  options: ProtectedFilesOptions<T>,
  isProtected: (path: string) => boolean,
): Promise<AtStart['hidden']> {
  const { workspace, baseTree } = options
  const inBase = new Set((await workspace.filesIn(baseTree)).map(({ path }) => path))
  const hidden: AtStart['hidden'] = {}
  for (const { path, isFolder } of await governingNow(options, isProtected))
    if (!inBase.has(path)) hidden[path] = isFolder ? null : await contentOf(workspace.root, path)
  return hidden
}

/** As base64; null for what cannot be kept. */
export async function contentOf(root: string, path: string): Promise<string | null> {
  if (!(await lstat(join(root, path)).catch(() => null))?.isFile()) return null
  const file = await readFileInside(root, path, MAX_BYTES).catch(() => null)
  return file?.content.toString('base64') ?? null
}
