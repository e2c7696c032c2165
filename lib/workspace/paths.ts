// Paths that cannot leave the folder of a run.
import { lstat, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import { AppError } from '../errors.ts'

const MAX_LINKS = 40

export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

/** The real place of a path, relative to the root or absolute. Throws AppError('invalid') when that is not inside. */
export async function resolveInside(root: string, path: string): Promise<string> {
  if (path.includes('\0'))
    throw new AppError('invalid', 'A path cannot contain a NUL character; correct the path.')
  const real = await realPlace(resolve(root, path), path, 0)
  if (!isInside(root, real)) throw outside(root, path)
  return real
}

export function outside(root: string, path: string): AppError {
  return new AppError(
    'invalid',
    `${path} leads outside the project; only paths inside ${root} can be used, best relative to it.`,
  )
}

/** Follows links also where the end of the path does not exist yet: what is created there would land at their target. */
async function realPlace(path: string, asked: string, links: number): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ELOOP') throw new AppError('invalid', `${asked} is a symbolic link that leads in a circle.`)
    if (code === 'ENAMETOOLONG')
      throw new AppError('invalid', `${asked.slice(0, 100)}… is too long for a path.`)
    if (code === 'EACCES') throw new AppError('invalid', `${asked} cannot be opened: permission denied.`)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  }
  const target = await linkTarget(path)
  if (target !== null) {
    if (links >= MAX_LINKS)
      throw new AppError('invalid', `${asked} is a symbolic link that leads in a circle.`)
    return realPlace(resolve(dirname(path), target), asked, links + 1)
  }
  const parent = dirname(path)
  if (parent === path) return path
  return resolve(await realPlace(parent, asked, links), basename(path))
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null
  } catch {
    return null // Not there: nothing to follow.
  }
}

/** The system's code of a failed call, e.g. ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
