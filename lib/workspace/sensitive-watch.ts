// Sees which of the sensitive files came, went or changed since it last looked. What it knew last is kept beside the server's data, so
// that a change is also seen when the server died in the middle of the command that made it.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../write-durably.ts'
import { SENSITIVE_PATHS, type SensitivePath } from './sensitive-paths.ts'

export interface SensitiveChange {
  path: string
  change: 'created' | 'changed' | 'deleted'
  why: string
}

export interface SensitiveWatch {
  /** What has changed since the last look, or since the watch began. Never throws. */
  look(): Promise<SensitiveChange[]>
  /** What was seen is told: it is not to be seen again, also not by the next process. Never throws. */
  settle(): Promise<void>
}

/** Of one folder; more are summed up in the folder's own name. */
const MAX_ENTRIES = 200
/** Of all, however many folders somebody makes. */
const MAX_MARKS = 1000
const MAX_HASHED_BYTES = 1024 * 1024

const Mark = z.object({ seen: z.string(), content: z.string(), why: z.string() })
/** `seen`: what a change would leave different; `content`: what it has to leave different to be one. */
type Mark = z.infer<typeof Mark>
type Marks = Map<string, Mark>
const Kept = z.record(z.string(), Mark)

/** Takes down what is there, or what the earlier process took down, in `file`. */
export async function watchSensitive(root: string, file: string): Promise<SensitiveWatch> {
  let known = await readKept(file)
  if (!known) {
    known = await marksIn(root, new Map())
    await keep(file, known)
  }
  return {
    async look() {
      const before: Marks = known ?? new Map()
      const now = await marksIn(root, before)
      known = now
      return differences(before, now)
    },
    settle: () => keep(file, known ?? new Map()),
  }
}

/** Nothing is left of a run that has ended. */
export const forgetSensitive = (file: string) => rm(file, { force: true })

function differences(before: Marks, now: Marks): SensitiveChange[] {
  const changes: SensitiveChange[] = []
  for (const [path, { content, why }] of now) {
    const old = before.get(path)
    if (!old) changes.push({ path, change: 'created', why })
    else if (old.content !== content) changes.push({ path, change: 'changed', why })
  }
  for (const [path, { why }] of before) if (!now.has(path)) changes.push({ path, change: 'deleted', why })
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function marksIn(root: string, before: Marks): Promise<Marks> {
  const marks: Marks = new Map()
  const top = new Set(await readdir(root).catch(() => []))
  const present = SENSITIVE_PATHS.filter(({ path }) => top.has(path.split('/')[0]!))
  // A folder that is a link leads elsewhere: then the link itself is what counts.
  await Promise.all(present.map(one => mark(root, one, before, marks)))
  return new Map([...marks].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function mark(root: string, one: SensitivePath, before: Marks, marks: Marks): Promise<void> {
  const { path, why } = one
  if (!(await isPlainFolder(root, dirname(path)))) {
    const [top = ''] = path.split('/')
    if (top !== path && (await lstat(join(root, top)).catch(() => null))?.isSymbolicLink())
      await markEntry(root, top, why, before, marks)
    return
  }
  const found = await lstat(join(root, path)).catch(() => null)
  if (!found) return
  if (found.isDirectory() && one.isFolder) await markFolder(root, path, why, before, marks, 1)
  else await markEntry(root, path, why, before, marks)
}

async function markFolder(
  root: string,
  path: string,
  why: string,
  before: Marks,
  marks: Marks,
  deeper: number,
): Promise<void> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => [])
  // Samples of git do nothing.
  const names = entries.filter(({ name }) => !name.endsWith('.sample'))
  // That it is there says something by itself; of what is in it each says more.
  if (names.length === 0 && entries.length === 0) await markEntry(root, path, why, before, marks)
  if (names.length > MAX_ENTRIES) {
    const content = createHash('sha256')
      .update(
        names
          .map(({ name }) => name)
          .sort()
          .join('\n'),
      )
      .digest('hex')
    marks.set(path, { seen: content, content, why })
  }
  await Promise.all(
    names.slice(0, MAX_ENTRIES).map(entry => {
      if (marks.size >= MAX_MARKS) return undefined
      const inside = `${path}/${entry.name}`
      if (!entry.isDirectory()) return markEntry(root, inside, why, before, marks)
      return deeper > 0 ? markFolder(root, inside, why, before, marks, deeper - 1) : undefined
    }),
  )
}

async function markEntry(
  root: string,
  path: string,
  why: string,
  before: Marks,
  marks: Marks,
): Promise<void> {
  const full = join(root, path)
  const found = await lstat(full).catch(() => null)
  if (!found) return
  const kind = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'folder'
      : found.isSymbolicLink()
        ? 'link'
        : 'other'
  const seen =
    kind === 'folder'
      ? kind
      : [kind, found.mode, found.size, found.mtimeMs, found.ctimeMs, found.ino].join(' ')
  const old = before.get(path)
  if (old?.seen === seen) {
    marks.set(path, { ...old, why })
    return
  }
  marks.set(path, { seen, content: await contentOf(full, kind, found.size, found.mode), why })
}

/** What tells two states of a file apart: a touched one is none. */
async function contentOf(full: string, kind: string, size: number, mode: number): Promise<string> {
  if (kind === 'link') return `link ${await readlink(full).catch(() => '?')}`
  if (kind !== 'file') return kind
  if (size > MAX_HASHED_BYTES) return `file ${size}`
  const content = await readPlain(full).catch(() => null)
  const isProgram = (mode & 0o111) !== 0
  return `file ${isProgram} ${content ? createHash('sha256').update(content).digest('hex') : '?'}`
}

/** No links, and no waiting for a named pipe that has taken its place. */
async function readPlain(full: string): Promise<Buffer> {
  const handle = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) throw new Error('no file any more')
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

async function isPlainFolder(root: string, path: string): Promise<boolean> {
  if (path === '.') return true
  const parts = path.split('/')
  for (let to = 1; to <= parts.length; to++) {
    const found = await lstat(join(root, ...parts.slice(0, to))).catch(() => null)
    if (!found?.isDirectory()) return false
  }
  return true
}

async function readKept(file: string): Promise<Marks | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return new Map(Object.entries(Kept.parse(JSON.parse(text))))
  } catch {
    return null // damaged: what is there now is what is known
  }
}

/** For want of room it is not kept; then only what happens while the server lives is seen. */
async function keep(file: string, marks: Marks): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeDurably(file, JSON.stringify(Object.fromEntries(marks)))
  } catch {
    // As above.
  }
}
