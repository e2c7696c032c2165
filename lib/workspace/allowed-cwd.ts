// Where runs may work. A directory is somebody's project; the system's folders, a whole home and what the server keeps are not.
import { realpathSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isInside } from './paths.ts'

export interface AllowedCwd {
  /** Of the server: nothing in it, and nothing around it. */
  dataDir: string
  /** Real places; when given, runs work only in and below them. */
  roots?: string[]
  home?: string
}

/** Nothing in them is a project. */
const SYSTEM =
  '/etc /usr /bin /sbin /lib /lib32 /lib64 /libx32 /boot /proc /sys /dev /run /var /System /Library /private/etc /private/var'.split(
    ' ',
  )
/** … but here are some. */
const WITHIN_SYSTEM =
  '/var/tmp /var/folders /var/www /private/var/tmp /private/var/folders /usr/src /usr/local/src /run/user /run/media'.split(
    ' ',
  )
/** Below home: keys of every kind. */
const KEYS =
  '.ssh .gnupg .aws .azure .kube .docker .password-store .config/gcloud .config/gh .local/share/keyrings Library'.split(
    ' ',
  )

/** Why no run may work in this directory (its real place), with what to do; null when one may. */
export function cwdProblem(root: string, { dataDir, roots, home = homedir() }: AllowedCwd): string | null {
  const choose = 'give the directory of one project, such as one below your home'
  if (root === dirname(root)) return `${root} is the whole file system; ${choose}.`
  const data = real(dataDir)
  if (isInside(root, data) || isInside(data, root))
    return `${root} holds, or lies in, what the server keeps (${data}); ${choose}.`
  const place = real(home)
  if (isInside(root, place)) return `${root} is a whole home directory, or holds one; ${choose}.`
  if (isInside(place, root)) {
    const key = KEYS.find(name => isInside(join(place, name), root))
    if (key !== undefined)
      return `${root} lies in ${join(place, key)}, which no project belongs into; ${choose}.`
  } else {
    const system = SYSTEM.find(one => isInside(one, root) || isInside(real(one), root))
    // The folder itself is shared; what is in it may be a project.
    const isFree = WITHIN_SYSTEM.some(one => isInside(one, root) && root !== one)
    if (system !== undefined && !isFree && !isBelowTemp(root))
      return `${root} belongs to the system (${system}); ${choose}.`
  }
  if (roots && !roots.some(one => isInside(one, root)) && !isOurs(root))
    return `${root} is not below ${roots.join(' or ')}, where this server may work (RETRAI_ALLOWED_ROOTS).`
  return null
}

const isBelowTemp = (root: string) => isInside(real(tmpdir()), root) && root !== real(tmpdir())

/** The folder around the project of a demo begins with this. */
export const DEMO_FOLDER = 'retrai-demo-'

/** What was judged is checked out into a folder of its own to be judged again, and the demo brings its project. */
const isOurs = (root: string) =>
  isOurFolder(root, 'retrai-verify-') || isOurFolder(dirname(root), DEMO_FOLDER)

const isOurFolder = (root: string, prefix: string) =>
  dirname(root) === real(tmpdir()) && basename(root).startsWith(prefix)

function real(place: string): string {
  try {
    return realpathSync(place)
  } catch {
    return place // Not there: then its name is all there is.
  }
}
