// Folders to choose a project from. Nothing is shown that no run could work in or below: what agents may see anyway.
import { access, readdir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import type { Folder, FolderList } from '../contract/folders.ts'
import { AppError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { type AllowedCwd, cwdProblem } from './allowed-cwd.ts'
import { codeOf, isInside } from './paths.ts'

const SIGNS =
  '.git .retrai.yml package.json pyproject.toml Cargo.toml go.mod Makefile pom.xml composer.json'.split(' ')
const NEVER = new Set(['node_modules', '__pycache__'])

export interface ListFoldersOptions extends AllowedCwd {
  defaultCwd: string
}

export function createListFolders(options: ListFoldersOptions): (path?: string) => Promise<FolderList> {
  const { defaultCwd, roots, home = homedir() } = options

  async function startingPoints(): Promise<string[]> {
    const real = await Promise.all((roots ?? [home, dirname(defaultCwd), defaultCwd]).map(realOrNull))
    return [...new Set(real.filter(place => place !== null))]
  }

  return async path => {
    if (path !== undefined && (!isAbsolute(path) || path.includes('\0')))
      throw badPath('path must be absolute: begin with /')
    const starts = await startingPoints()
    const isShown = (place: string) =>
      cwdProblem(place, options) === null || starts.some(start => isInside(place, start))
    const place = await realPlace(
      path ?? starts.find(start => start === defaultCwd) ?? starts[0] ?? defaultCwd,
    )
    if (!isShown(place)) throw badPath(cwdProblem(place, options) ?? `${place} may not be looked into`)
    const names = await namesIn(place)
    const shown = names.slice(0, LIMITS.foldersListed)
    const folders = await Promise.all(shown.map(name => folderAt(join(place, name), name)))
    const parent = dirname(place)
    const whyNot = cwdProblem(place, options)
    return {
      path: place,
      parent: parent !== place && isShown(parent) ? parent : null,
      can_run: whyNot === null,
      why_not: whyNot,
      folders: folders.filter(folder => folder !== null),
      truncated: names.length > shown.length,
      starts: starts.filter(isShown),
    }

    /** null when it is not to be shown, such as a link that leads elsewhere. */
    async function folderAt(at: string, name: string): Promise<Folder | null> {
      const real = await realOrNull(at)
      if (real === null || !isShown(real) || !(await isDirectory(real))) return null
      const canRun = cwdProblem(real, options) === null
      return { name, path: real, is_project: canRun && (await looksLikeProject(real)), can_run: canRun }
    }
  }
}

async function realPlace(path: string): Promise<string> {
  try {
    const real = await realpath(path)
    if (!(await stat(real)).isDirectory()) throw badPath(`${path} is not a directory`)
    return real
  } catch (error) {
    throw explained(path, error)
  }
}

/** Names of what may be folders, in the order of people. */
async function namesIn(place: string): Promise<string[]> {
  try {
    const entries = await readdir(place, { withFileTypes: true })
    return entries
      .filter(entry => entry.isDirectory() || entry.isSymbolicLink())
      .map(entry => entry.name)
      .filter(name => !name.startsWith('.') && !NEVER.has(name))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  } catch (error) {
    throw explained(place, error)
  }
}

const realOrNull = (path: string): Promise<string | null> => realpath(path).catch(() => null) // gone, or not to be entered: then it is not shown

const isDirectory = (path: string) =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )

async function looksLikeProject(path: string): Promise<boolean> {
  const found = await Promise.all(
    SIGNS.map(name =>
      access(join(path, name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}

function explained(path: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new AppError('not_found', `${path} does not exist on the server`)
    case 'EACCES':
    case 'EPERM':
      return badPath(`The server may not read ${path}; change its permissions or choose another`)
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return badPath(`${path.slice(0, 100)} is no path of a directory`)
    default:
      return error
  }
}

const badPath = (detail: string) =>
  new AppError('bad_query', detail, { fields: [{ pointer: '/path', detail }] })
