// What a path means to whoever deletes it.
import { posix } from 'node:path'
import { UNKNOWN } from './shell-call.ts'

/** `everything`: the system, whole homes, what the project lies in. `project`: all of it. */
export type Place = 'everything' | 'home' | 'project' | 'inside' | 'temporary' | 'outside' | 'unknown'

export interface Around {
  root: string
  home: string
}

const SYSTEM = [
  ...'/bin /boot /dev /etc /home /lib /lib32 /lib64 /mnt /media /nix /opt /proc /root /run /sbin /srv /sys /usr /var'.split(
    ' ',
  ),
  ...'/usr/bin /usr/lib /usr/local /usr/sbin /usr/share /var/lib /var/log /var/spool /var/cache'.split(' '),
  ...'/Applications /Library /System /Users /Volumes /private /private/etc /private/var'.split(' '),
]
const TEMPORARY = ['/tmp', '/var/tmp', '/private/tmp', '/dev/shm']

/** `path` as a shell gives it to a program: also with wildcards, which are taken for all they may stand for. */
export function placeOf(path: string, dir: string | null, { root, home }: Around): Place {
  if (path === '') return 'unknown'
  const isAbsolute = posix.isAbsolute(path)
  if (path.startsWith(UNKNOWN) || (!isAbsolute && dir === null)) return 'unknown'
  // `/usr/*` is all of /usr.
  const parts = path.split('/')
  while (parts.length > 1 && /^(\*+|\.\*|\.\[[^\]]*\]\*|\.\?\*|\.|)$/.test(parts.at(-1)!)) parts.pop()
  const isAll = parts.length === 1 && /^(\*+|\.\*|\.\/?)$/.test(parts[0]!)
  const written = isAll ? '.' : parts.join('/')
  const full = posix.resolve(dir ?? '/', isAbsolute && written === '' ? '/' : written)
  if (full.includes(UNKNOWN)) return knownPart(full, { root, home })
  if (full === home) return 'home'
  if (full === '/' || contains(full, root, true) || contains(full, home, true)) return 'everything'
  if (SYSTEM.some(place => place === full || fits(full, place))) return 'everything'
  if (full === root) return 'project'
  if (contains(root, full)) return 'inside'
  if (TEMPORARY.some(place => contains(place, full))) return 'temporary'
  return 'outside'
}

/** A path with something unknown in it lies where its beginning does. */
function knownPart(full: string, { root }: Around): Place {
  const known = full.slice(0, full.indexOf(UNKNOWN))
  if (known.startsWith(`${root}/`)) return 'inside'
  return TEMPORARY.some(place => known.startsWith(`${place}/`)) ? 'temporary' : 'unknown'
}

const contains = (outer: string, inner: string, isStrict = false) =>
  outer === inner ? !isStrict : inner.startsWith(outer === '/' ? '/' : `${outer}/`)

/** `/u*r`, `/us?` */
function fits(pattern: string, place: string): boolean {
  if (!/[*?[]/.test(pattern)) return false
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]')
  try {
    return new RegExp(`^${source}$`).test(place)
  } catch {
    return false // no pattern after all
  }
}
