// What a sandboxed command sees, as arguments of bubblewrap. Nothing is there unless it is named here: not the machine with
// holes in it, but a new root with the system's programs, the project, and the toolchains that were found.

export interface SandboxView {
  /** By its real path; the only place that can be written for good. */
  project: string
  /** Of the command; in the project. */
  cwd: string
  /** By its real path; empty inside, but for what lies in it of the following. */
  home: string
  /** Where the server keeps its own; hidden wherever it lies. */
  dataDir: string
  /** Private to the command, and gone with it: the system's temporary folders, and the one it is told of. */
  scratch: string[]
  /** Read-only: the system's programs, and toolchains. */
  readOnly: string[]
  /** Links that the system has in its root, such as /bin. */
  links: { path: string; target: string }[]
  /** Files and folders in what is read-only that are nobody's business. */
  hiddenFiles: string[]
  hiddenFolders: string[]
  /** In the project, but not to be written: its repository, its settings for the server. */
  kept: string[]
  /** Folders of this project's own that are written through: caches. */
  caches: { path: string; from: string }[]
  /** Folders of the server's that are shown elsewhere: with the socket of a proxy. */
  shown: { path: string; from: string }[]
  network: boolean
  /** Names the command to whoever looks at the list of processes. */
  hostname: string
  /** Whether this bubblewrap can forbid further user namespaces, and limit what is written to memory. */
  disableUserns: boolean
  sizes: boolean
}

const SCRATCH_BYTES = 1024 * 1024 * 1024
const SHARED_MEMORY_BYTES = 512 * 1024 * 1024

export function bwrapArgs(view: SandboxView): string[] {
  return [
    '--unshare-user',
    ...(view.disableUserns ? ['--disable-userns'] : []),
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(view.network ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--hostname', view.hostname],
    ...view.links.flatMap(({ path, target }) => ['--symlink', target, path]),
    ...['--proc', '/proc', '--dev', '/dev', ...tmpfs(view, '/dev/shm', SHARED_MEMORY_BYTES)],
    ...mounts(view),
    // What was not mounted is memory of the machine, without a limit.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', view.cwd],
  ]
}

/** What lies deeper is mounted later, so that it is seen; of two for one place the later named wins. */
function mounts(view: SandboxView): string[] {
  const at = new Map<string, string[]>()
  const readOnly = (path: string) => at.set(path, ['--ro-bind', path, path])
  const hide = (path: string) => at.set(path, tmpfs(view, path, SCRATCH_BYTES))

  for (const path of [...view.scratch, view.home]) if (!contains(view.project, path)) hide(path)
  for (const path of view.readOnly) if (!contains(view.project, path)) readOnly(path)
  hide(view.dataDir)
  for (const path of view.hiddenFolders) hide(path)
  for (const path of view.hiddenFiles) at.set(path, ['--ro-bind', '/dev/null', path])
  for (const { path, from } of view.caches)
    if (!contains(view.project, path)) at.set(path, ['--bind', from, path])
  for (const { path, from } of view.shown) at.set(path, ['--ro-bind', from, path])
  at.set(view.project, ['--bind', view.project, view.project])
  for (const path of view.kept) readOnly(path)
  return [...at.entries()].toSorted(([a], [b]) => depth(a) - depth(b)).flatMap(([, args]) => args)
}

const tmpfs = ({ sizes }: SandboxView, path: string, bytes: number) => [
  ...(sizes ? ['--size', String(bytes)] : []),
  ...['--tmpfs', path],
]

const depth = (path: string) => path.split('/').length

/** Both absolute and without dots; a folder contains itself. */
export const contains = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
