// Files that decide over tests by their name alone, looked for in the folder itself: a snapshot leaves out what
// .gitignore hides, and anybody can write a line into that.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readFileInside } from './files.ts'

export interface Governing {
  path: string
  /** A folder of dependencies inside of a test folder: what is in it goes before the project's own. */
  isFolder: boolean
}

/** Entries looked at; a project has fewer files than that, or no snapshots. */
const MAX_ENTRIES = 200_000

const DEPENDENCIES = new Set(['node_modules', '.venv', 'venv'])
const SKIPPED = new Set([...DEPENDENCIES, '.git', '__pycache__', '.tox', '.next', '.retrai'])

/** Links are found by their own name, never followed. `isTestFolder` is asked about folders of dependencies. */
export async function findGoverning(
  root: string,
  isGoverning: (path: string) => boolean,
  isTestFolder: (path: string) => boolean,
): Promise<Governing[]> {
  const found: Governing[] = []
  const folders = ['']
  let seen = 0
  for (let folder = folders.pop(); folder !== undefined && seen < MAX_ENTRIES; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    seen += entries.length
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (DEPENDENCIES.has(entry.name) && isTestFolder(`${path}/x`)) found.push({ path, isFolder: true })
      else if (SKIPPED.has(entry.name) || entry.name.startsWith('.retrai-')) continue
      else if (entry.isDirectory()) folders.push(path)
      // A link to a folder is one to everything in it.
      else if (isGoverning(path) || (entry.isSymbolicLink() && isGoverning(`${path}/x`)))
        found.push({ path, isFolder: false })
    }
  }
  return found
}

/** An added Python file of nothing but comments makes a folder importable, which is honest work, and decides nothing. */
export async function saysNothing(root: string, path: string): Promise<boolean> {
  if (!path.endsWith('.py')) return false
  const isPlain = (await lstat(join(root, path)).catch(() => null))?.isFile()
  const file = isPlain ? await readFileInside(root, path).catch(() => null) : null
  if (!file) return false
  const code = file.content
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/^\s*#.*$/gm, '')
    .trim()
  return /^(?:(?:"""(?:(?!""")[^\\])*""")|(?:'''(?:(?!''')[^\\])*'''))?$/.test(code)
}
