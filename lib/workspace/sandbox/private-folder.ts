// The folder that a sandboxed command on macOS has for itself: its temporary folder and its home. There are no mounts that would
// make the usual ones look empty; so each command is told of others, made anew for it, with links to what it may use of the home.
import { chown, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { contains } from './bwrap-args.ts'
import type { Owner } from './places.ts'

/** Short: it begins the names of sockets, which may have 103 characters in all. */
const NAME = /^rb-([0-9a-z]+)-\w{6}$/

export interface PrivateFolderOptions {
  /** Where: the system's temporary folder of this user, by its real path. */
  base: string
  /** What the home shows, by a name in it; what is named first stays when another would lie in it. */
  links: { name: string; target: string }[]
  owner: Owner | null
}

export interface PrivateFolder {
  /** Everything below is the command's. */
  path: string
  home: string
}

export async function makePrivateFolder({
  base,
  links,
  owner,
}: PrivateFolderOptions): Promise<PrivateFolder> {
  const path = await mkdtemp(join(base, `rb-${process.pid.toString(36)}-`))
  const home = join(path, 'home')
  try {
    const folders = new Set([home])
    const shown: string[] = []
    for (const { name, target } of links) {
      // Behind a link would be somebody else's folder.
      if (shown.some(other => contains(other, name) || contains(name, other))) continue
      const link = join(home, name)
      for (let folder = dirname(link); folder !== home; folder = dirname(folder)) folders.add(folder)
      await mkdir(dirname(link), { recursive: true, mode: 0o700 })
      await symlink(target, link)
      shown.push(name)
    }
    await mkdir(home, { recursive: true, mode: 0o700 })
    if (owner) for (const folder of [path, ...folders]) await chown(folder, owner.uid, owner.gid)
    return { path, home }
  } catch (error) {
    await removePrivateFolder(path)
    throw error
  }
}

/** Never rejects: a command may have made folders that nobody can look into. The system tidies up its temporary folder, too. */
export const removePrivateFolder = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true }).catch(() => {})

/** What servers that are gone have left. */
export async function removeLeftovers(base: string): Promise<void> {
  for (const name of await readdir(base).catch(() => [])) {
    const pid = NAME.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number.parseInt(pid, 36))) await removePrivateFolder(join(base, name))
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
