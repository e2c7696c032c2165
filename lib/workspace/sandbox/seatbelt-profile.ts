// What a sandboxed command on macOS sees, as a profile of Seatbelt. There are no mounts: a rule decides about each place where it
// is. The text holds no path of this machine; they are handed over beside it, so that no name of a folder can change a rule.
import { contains } from './bwrap-args.ts'
import { SEATBELT_BASE, SEATBELT_NETWORK } from './seatbelt-base.ts'

/** All by their real paths: the system judges files by where they are, not by how they were called. */
export interface SeatbeltView {
  project: string
  home: string
  /** Where the server keeps its own; hidden wherever it lies. */
  dataDir: string
  /** The system's programs, and toolchains. */
  readOnly: string[]
  /** Files and folders in what can be read that are nobody's business. */
  hidden: string[]
  /** In the project, but not to be written: its repository, its settings for the server. */
  kept: string[]
  /** Folders besides the project that are written for good: caches of its own. */
  written: string[]
  /** Private to the command, and gone with it. */
  scratch: string
  /** As above, but made and removed by the command itself. */
  temporary: string[]
  network: boolean
}

export interface SeatbeltProfile {
  profile: string
  /** Values of the profile's parameters, by name. */
  params: Record<string, string>
}

type Access = 'read' | 'write' | 'none'

export function seatbeltProfile(view: SeatbeltView): SeatbeltProfile {
  const places = placesOf(view)
  const nameOf = new Map(places.map(([path], index) => [path, `P${index}`]))
  const param = (path: string) => `(param "${nameOf.get(path)}")`
  const profile = [
    SEATBELT_BASE,
    ...places.map(([path, access]) => rule(access, param(path))),
    ...pinned(view, places).map(
      path => `(deny file-write-unlink (literal ${param(path)}) (path-ancestors ${param(path)}))`,
    ),
    // A second name of a file would be judged by the place where that name is. And nothing may become root later.
    '(deny file-link)',
    '(deny file-write-setugid)',
    ...networkRules(view, param),
  ]
  return {
    profile: `${profile.join('\n')}\n`,
    params: Object.fromEntries(places.map(([path]) => [nameOf.get(path) ?? '', path])),
  }
}

/** What lies deeper is said later, so that it counts; of two for one place the later named wins. As with mounts. */
function placesOf(view: SeatbeltView): [path: string, access: Access][] {
  const at = new Map<string, Access>()
  const set = (access: Access, ...paths: string[]) => {
    for (const path of paths) at.set(path, access)
  }
  const outside = (path: string) => !contains(view.project, path)

  set('none', ...[view.home].filter(outside))
  set('read', ...view.readOnly.filter(outside))
  set('none', view.dataDir, ...view.hidden)
  set('write', ...view.written, view.scratch, ...view.temporary, view.project)
  set('read', ...view.kept)
  return [...at.entries()].toSorted(([a], [b]) => depth(a) - depth(b))
}

/** A file is no folder, and a folder is itself not below itself: both are named. */
function rule(access: Access, param: string): string {
  const place = `(literal ${param}) (subpath ${param})`
  if (access === 'none') return `(deny file-read* file-write* file-clone ${place})`
  // Programs ask for each folder on the way to a file; what is in those folders they are not told.
  const way = `(allow file-read-metadata (path-ancestors ${param}))`
  if (access === 'write') return `(allow file-read* file-write* file-clone ${place})\n${way}`
  return `(allow file-read* ${place})\n(deny file-write* file-clone ${place})\n${way}`
}

/** What must stay where it is: elsewhere, or as a link to elsewhere, another rule would be true of it. */
function pinned({ written, scratch, project }: SeatbeltView, places: [string, Access][]): string[] {
  const roots = [...written, scratch, project]
  return places
    .filter(([path, access]) => {
      if (access === 'write') return roots.includes(path)
      return roots.some(root => contains(root, path))
    })
    .map(([path]) => path)
}

/** Sockets of its own, in folders where no program outside listens; loopback, too, is the machine's and not the command's. */
function networkRules(
  { network, scratch, temporary }: SeatbeltView,
  param: (path: string) => string,
): string[] {
  return [
    '(deny network*)',
    '(allow system-socket (socket-domain AF_UNIX))',
    ...[scratch, ...temporary].flatMap(path => [
      `(allow network-bind (local unix-socket (subpath ${param(path)})))`,
      `(allow network-outbound (remote unix-socket (subpath ${param(path)})))`,
    ]),
    ...(network ? [SEATBELT_NETWORK] : []),
  ]
}

/** The arguments of sandbox-exec, up to the command. */
export const seatbeltArgs = ({ profile, params }: SeatbeltProfile): string[] => [
  ...['-p', profile],
  ...Object.entries(params).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
  '--',
]

const depth = (path: string) => (path === '/' ? 1 : path.split('/').length)
