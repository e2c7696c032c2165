// Puts other versions of files in place for a while, so that the ones that were there come back also after a crash:
// they are stored, with a manifest, before anything is touched.
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, rmdir, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { crashPoint } from '../crash-point.ts'
import { AppError, messageOf } from '../errors.ts'
import { saysNoRoom } from '../no-room.ts'
import { syncFolder, writeDurably } from '../write-durably.ts'
import { deleteInside, readFileInside, writeFileInside } from './files.ts'
import { codeOf, isInside, resolveInside } from './paths.ts'

/** What to put in place. */
export interface Version {
  path: string
  /** null: no file. */
  content: Buffer | null
  /** As git writes it: `100644`, `100755`, `120000`. */
  mode: string
}

const Manifest = z.object({
  root: z.string(),
  /** Where what stood in the way of a path was moved to, relative to the root. */
  aside: z.string(),
  files: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('file'), path: z.string(), saved: z.string(), mode: z.number() }),
      z.object({ kind: z.literal('link'), path: z.string(), target: z.string() }),
      z.object({ kind: z.literal('absent'), path: z.string() }),
    ]),
  ),
  /** In the order they were moved. */
  moved: z.array(z.object({ path: z.string(), to: z.string() })),
  /** Directories that were not there, innermost last. */
  madeDirectories: z.array(z.string()),
})
type Manifest = z.infer<typeof Manifest>

const MANIFEST = 'manifest.json'
/** Beside what is stored for a while, and kept as long as the run: what its first check found. */
export const AT_START = 'at-start.json'
const MAX_BYTES = 256 * 1024 * 1024

/** Runs with these versions in place, and puts back exactly what was there, whatever happened meanwhile. */
export async function withVersions<T>(
  root: string,
  stateDir: string,
  versions: Version[],
  run: () => Promise<T>,
): Promise<T> {
  const folder = join(stateDir, randomUUID())
  crashPoint('before-swap')
  const manifest = await store(root, folder, versions).catch(async error => {
    await rm(folder, { recursive: true, force: true }) // nothing was touched yet
    throw explained(error, root)
  })
  crashPoint('swap-stored')
  try {
    for (const { path, to } of manifest.moved) await moveAside(root, path, to)
    for (const version of versions) await place(root, version)
    crashPoint('after-swap')
    return await run()
  } finally {
    await restore(folder, manifest)
  }
}

export interface Repairs {
  /** Folders whose files are back. */
  repaired: string[]
  /** What could not be put back stays stored, and is tried again at the next start. */
  failed: { root: string; storedIn: string; why: string; cause: unknown }[]
}

/** At start-up: puts back what a crash left swapped. Safe to call again and again; never rejects because of one folder. */
export async function putBackInterrupted(stateDir: string): Promise<Repairs> {
  const repairs: Repairs = { repaired: [], failed: [] }
  for (const name of await readdir(stateDir).catch(() => [])) {
    if (name === AT_START) continue
    const folder = join(stateDir, name)
    const manifest = await readManifest(folder).catch(error => {
      repairs.failed.push({ root: 'unknown', storedIn: folder, why: messageOf(error), cause: error })
    })
    if (manifest === undefined) continue
    if (!manifest || !(await isThere(manifest.root))) {
      // It died while storing, and nothing had been touched yet; or the project is gone, and its files with it.
      await rm(folder, { recursive: true, force: true })
      continue
    }
    await restore(folder, manifest).then(
      () => repairs.repaired.push(manifest.root),
      error =>
        repairs.failed.push({ root: manifest.root, storedIn: folder, why: messageOf(error), cause: error }),
    )
  }
  return repairs
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}

async function store(root: string, folder: string, versions: Version[]): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const manifest: Manifest = {
    root,
    aside: `.retrai-aside-${randomUUID().slice(0, 8)}`,
    files: [],
    moved: [],
    madeDirectories: [],
  }
  for (const [index, { path }] of versions.entries()) {
    const blocker = await blockerOf(root, path)
    if (blocker) {
      if (!manifest.moved.some(moved => moved.path === blocker)) {
        manifest.moved.push({ path: blocker, to: join(manifest.aside, String(manifest.moved.length)) })
      }
      manifest.files.push({ kind: 'absent', path })
    } else {
      manifest.files.push(await saveOne(root, path, folder, `${index}.saved`))
    }
    for (const directory of await missingParents(root, path)) {
      if (!manifest.madeDirectories.includes(directory)) manifest.madeDirectories.push(directory)
    }
  }
  await writeDurably(join(folder, MANIFEST), JSON.stringify(manifest))
  // The names too, up to the folder that was there before: only now may anything be touched.
  for (const made of [folder, dirname(folder), dirname(dirname(folder))]) await syncFolder(made)
  return manifest
}

/** For want of room the run can wait; anything else is an error like any other. */
function explained(error: unknown, root: string): unknown {
  if (!saysNoRoom(error)) return error
  return new AppError(
    'disk_full',
    `The protected files of ${root} could not be put in place for the check, because the disk is full: free some space, then try again`,
    { cause: error },
  )
}

async function saveOne(
  root: string,
  path: string,
  folder: string,
  saved: string,
): Promise<Manifest['files'][number]> {
  const full = join(root, path)
  const found = await lstat(full).catch(() => null)
  if (!found) return { kind: 'absent', path }
  if (found.isSymbolicLink()) return { kind: 'link', path, target: await readlink(full) }
  const { content, mode } = await readFileInside(root, path, MAX_BYTES)
  await writeDurably(join(folder, saved), content)
  return { kind: 'file', path, saved, mode }
}

/** What has to go so that a file can be at this path: a directory or special file there, or a file where a parent should be. */
async function blockerOf(root: string, path: string): Promise<string | null> {
  const parts = path.split('/')
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/')
    const found = await lstat(join(root, part)).catch(() => null)
    if (!found) return null
    const isLast = depth === parts.length
    if (isLast ? !found.isFile() && !found.isSymbolicLink() : !found.isDirectory()) return part
  }
  return null
}

async function missingParents(root: string, path: string): Promise<string[]> {
  const missing: string[] = []
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    const found = await lstat(join(root, parent)).catch(() => null)
    if (found?.isDirectory()) break
    missing.unshift(parent)
  }
  return missing
}

async function moveAside(root: string, path: string, to: string): Promise<void> {
  await mkdir(join(root, dirname(to)), { recursive: true })
  await rename(join(root, path), join(root, to))
}

async function place(root: string, { path, content, mode }: Version): Promise<void> {
  const full = join(root, path)
  const before = await lstat(full).catch(() => null)
  if (content === null) {
    if (before) await deleteInside(root, path)
    return
  }
  if (before?.isSymbolicLink() || mode === '120000') await deleteInside(root, path)
  if (mode === '120000') {
    await mkdir(dirname(await resolveInside(root, path)), { recursive: true })
    await symlink(content.toString('utf8'), full)
    return
  }
  await writeFileInside(root, path, content, {
    mode: mode === '100755' ? 0o755 : 0o644,
    mtimeMs: freshTime(before?.mtimeMs),
    allowConfig: true,
  })
}

async function restore(folder: string, manifest: Manifest): Promise<void> {
  crashPoint('before-put-back')
  const { root } = manifest
  const failures: unknown[] = []
  for (const file of manifest.files) {
    // One that cannot be put back must not keep the others away.
    await putBack(folder, root, file).catch(error => failures.push(error))
  }
  for (const directory of manifest.madeDirectories.toReversed()) {
    await rmdir(join(root, directory)).catch(() => {}) // Not empty: the check left something, which stays.
  }
  for (const { path, to } of manifest.moved) {
    await moveBack(root, path, to).catch(error => failures.push(error))
  }
  if (failures.length > 0) {
    const sentence = `Files of ${root} could not be put back; they are kept in ${folder}`
    const cause = new AggregateError(failures, sentence)
    if (!saysNoRoom(cause)) throw cause
    throw new AppError('disk_full', `${sentence}, until there is room on the disk`, { cause })
  }
  crashPoint('after-put-back')
  await rmdir(join(root, manifest.aside)).catch(() => {}) // Was never made, or is gone already.
  await rm(folder, { recursive: true, force: true })
}

async function putBack(folder: string, root: string, file: Manifest['files'][number]): Promise<void> {
  const full = join(root, file.path)
  const now = await lstat(full).catch(() => null)
  if (file.kind === 'absent') {
    if (now) await removeAt(root, file.path)
    return
  }
  if (file.kind === 'link') {
    if (now) await removeAt(root, file.path)
    await symlink(file.target, full)
    return
  }
  const content = await readFile(join(folder, file.saved))
  if (now && !now.isFile()) await removeAt(root, file.path)
  const options = { mode: file.mode, mtimeMs: freshTime(now?.mtimeMs), allowConfig: true }
  await writeFileInside(root, file.path, content, options)
}

/** Never through a link in the path: that would remove somebody else's file. */
async function removeAt(root: string, path: string): Promise<void> {
  const parent = await resolveInside(root, dirname(path))
  if (isInside(root, parent))
    await rm(join(parent, relative(dirname(path), path)), { recursive: true, force: true })
}

async function moveBack(root: string, path: string, to: string): Promise<void> {
  const there = await lstat(join(root, to)).catch(() => null)
  if (!there) return // Put back before a second crash, or never moved.
  await rm(join(root, path), { recursive: true, force: true })
  await rename(join(root, to), join(root, path))
}

/**
 * Now, but in another second than before: caches such as Python's .pyc go by size and second, and build tools by which
 * file is newer.
 */
function freshTime(before: number | undefined): number {
  const now = Date.now()
  if (before === undefined || Math.floor(before / 1000) !== Math.floor(now / 1000)) return now
  return (Math.floor(before / 1000) + 1) * 1000
}

async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')))
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}
