// What belongs to a project besides its folder: the repository around it, and where a linked worktree keeps its own; and
// what in it a command may not write, because it decides over what runs outside.
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { contains } from './bwrap-args.ts'
import { exists } from './places.ts'

/** Hooks, filters and aliases run for whoever uses the repository; the settings say what the server runs. */
const KEPT = ['.git', '.retrai.yml', '.retrai.yaml']

export interface ProjectPlaces {
  readOnly: string[]
  kept: string[]
}

/** To be asked again for each command: what is there by now is kept. */
export async function findProjectPlaces(project: string, home: string): Promise<ProjectPlaces> {
  const kept: string[] = []
  for (const name of KEPT) {
    const path = join(project, name)
    const found = await lstat(path).catch(() => null)
    // A link is replaced, whatever is mounted on it; and what it points at may be anything.
    if (found?.isDirectory() || found?.isFile()) kept.push(path)
  }
  const around = await repositoryAround(project, home)
  return {
    kept,
    readOnly: [...around, ...(await linkedRepository(project)), ...(await borrowedPackages(project))],
  }
}

/**
 * The same where names are found in any case: there `.GIT` is `.git` for git and for us, but not for rules that go by a path.
 * By the names that the folder itself lists.
 */
export async function keptByAnyCase(project: string): Promise<string[]> {
  const entries = await readdir(project, { withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => KEPT.includes(entry.name.toLowerCase()) && (entry.isDirectory() || entry.isFile()))
    .map(({ name }) => join(project, name))
}

/** Installed packages that a project has from another by a link. Only under the same name: a link may point anywhere. */
async function borrowedPackages(project: string): Promise<string[]> {
  const found: string[] = []
  for (const name of ['node_modules', '.venv', 'venv']) {
    const link = join(project, name)
    if (!(await lstat(link).catch(() => null))?.isSymbolicLink()) continue
    const target = await realpath(link).catch(() => null)
    if (target && basename(target) === name && !contains(project, target)) found.push(target)
  }
  return found
}

/** A project that is a part of a repository uses what lies above it: hoisted packages, shared settings. */
async function repositoryAround(project: string, home: string): Promise<string[]> {
  const modules: string[] = []
  for (let folder = dirname(project); folder !== '/'; folder = dirname(folder)) {
    // A repository around everything is somebody's dotfiles; one in a folder that all may write is nobody's.
    if (contains(folder, home) || folder === '/tmp' || folder === '/var/tmp') break
    if (await exists(join(folder, '.git', 'HEAD'))) return [folder]
    const packages = join(folder, 'node_modules')
    if ((await lstat(packages).catch(() => null))?.isDirectory()) modules.push(packages)
  }
  return modules
}

/**
 * Where `.git` is a file, it names a folder elsewhere. That one must name the project too: a file in the project alone
 * could open any folder of the machine.
 */
async function linkedRepository(project: string): Promise<string[]> {
  const file = join(project, '.git')
  if (!(await lstat(file).catch(() => null))?.isFile()) return []
  const named = /^gitdir: (.+)$/m.exec(await readFile(file, 'utf8').catch(() => ''))?.[1]
  const folder = named && (await realpath(resolve(project, named)).catch(() => null))
  if (!folder || !(await exists(join(folder, 'HEAD')))) return []
  const back = (await readFile(join(folder, 'gitdir'), 'utf8').catch(() => '')).trim()
  if (back !== '' && (await isSame(isAbsolute(back) ? back : resolve(folder, back), file))) {
    const common = (await readFile(join(folder, 'commondir'), 'utf8').catch(() => '')).trim()
    const repository = await realpath(resolve(folder, common || '.')).catch(() => folder)
    // A worktree's folder lies in the repository's own.
    return contains(repository, folder) && (await exists(join(repository, 'objects')))
      ? [repository]
      : [folder]
  }
  const tree = /^\s*worktree = (.+)$/m.exec(
    await readFile(join(folder, 'config'), 'utf8').catch(() => ''),
  )?.[1]
  return tree && (await isSame(resolve(folder, tree), project)) ? [folder] : []
}

async function isSame(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map(path => stat(path).catch(() => null)))
  return one != null && other != null && one.ino === other.ino && one.dev === other.dev
}
