// The sandbox of commands on Linux: where bubblewrap works, everything a project runs is started in one. Made once at the start.
import { createHash } from 'node:crypto'
import { chown, mkdir, mkdtemp, readdir, realpath, stat, writeFile } from 'node:fs/promises'
import { release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import type { Network } from '#lib/contract/network'
import { AppError } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { bridgeCommand, PROXY_FOLDER } from '../network/bridge.ts'
import type { SandboxedSpawn } from '../spawner.ts'
import { bwrapArgs, contains } from './bwrap-args.ts'
import type { Bubblewrap } from './find-bubblewrap.ts'
import { CACHES, findDownloads, findPlaces, mayReach, type Owner, type Places } from './places.ts'
import { findProjectPlaces } from './project-places.ts'
import { seccompFilter } from './seccomp.ts'
import { mayReachSockets } from './unix-sockets.ts'

export interface SandboxOptions {
  bubblewrap: Bubblewrap
  dataDir: string
  /** As commands get it. */
  env: Record<string, string>
  /** Further places that commands may read. */
  readable?: string[]
  memoryBytes?: number
}

export interface SandboxRequest {
  /** The project's real path. */
  root: string
  /** Where the command begins, in the project. */
  cwd: string
  network: boolean
  /** Folder with the socket of a proxy, by which alone the command gets out; see network/proxy.ts. */
  proxyFolder?: string
  /** Places this command may read besides, and folders it may write. */
  readable?: string[]
  writable?: string[]
  /** Folders in the system's temporary one that the command makes and removes itself; here each command has its own there. */
  temporary?: string[]
}

export interface Sandbox {
  /** How to start a command of a project; asked anew for each, because the project may have changed. */
  around(request: SandboxRequest): Promise<SandboxedSpawn>
  /** A new folder for a socket, which the command's user can reach and no other command sees; whoever asked removes it. */
  socketFolder(root: string): Promise<string>
  /** Changes to the environment that commands get. */
  env: Record<string, string>
  /** Why it cannot hold a command to a list of hosts, and what to do instead; null: it can. */
  noHostList: string | null
  /** What is said to a program that misses what only this kind of sandbox keeps from it; null: nothing. */
  hint(missed: { output: string; network: Network }): string | null
}

/** Of 107 characters of a socket's name. */
const MAX_SOCKET_FOLDER = 75
const OTHER_SOCKETS =
  'A program of this machine listens on a Unix socket in the project, by which a command could go round the list of allowed ' +
  'hosts: end that program, or run with network: "off" or "on"'

export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { bubblewrap, env, readable = [] } = options
  const dataDir = await realpath(options.dataDir)
  const home = await homeOf(env)
  const filters = await writeFilters(join(dataDir, 'sandbox'))
  const hostname = `retrai-${shortHash(dataDir).slice(0, 12)}`
  const temporary = [...new Set([tmpdir(), await realpath(tmpdir()).catch(() => '/tmp')])]
  const scratch = ['/tmp', '/var/tmp', '/run', ...temporary, ...(env.TMPDIR ? [env.TMPDIR] : [])]
  const placesOf = new Map<string, Promise<Places>>()
  const downloadsOf = new Map<string, Promise<string[]>>()
  const limits = {
    processes: LIMITS.commandProcesses,
    countsProcesses: countsPerSandbox(release()),
    files: LIMITS.commandOpenFiles,
    fileKiB: LIMITS.commandFileKiB,
    memoryBytes: options.memoryBytes ?? memoryLimit(totalmem()),
  }

  function systemPlaces(owner: Owner | null): Promise<Places> {
    const key = owner ? `${owner.uid}:${owner.gid}` : 'us'
    let places = placesOf.get(key)
    if (!places) {
      places = findPlaces({ env, home, extra: readable, owner })
      placesOf.set(key, places)
      places.catch(() => placesOf.delete(key))
    }
    return places
  }

  async function around(request: SandboxRequest): Promise<SandboxedSpawn> {
    const { root, network, proxyFolder, writable = [] } = request
    const owner = await ownerOf(root)
    const [places, project, { caches, downloads }] = await Promise.all([
      systemPlaces(owner),
      findProjectPlaces(root, home),
      cachesFor(root, owner, network),
    ])
    const readOnly = [...places.readOnly, ...project.readOnly, ...downloads, ...(request.readable ?? [])]
    if (network) readOnly.push(...(await nameServers(places)))
    // With the network there are also sockets without a place.
    const unixSockets = !network && !(await mayReachSockets([root, ...readOnly], hiddenFrom(root)))
    if (proxyFolder !== undefined && !unixSockets) throw new AppError('conflict', OTHER_SOCKETS)
    const written = [...caches, ...writable.map(path => ({ path, from: path }))]
    const view = {
      ...places,
      ...project,
      readOnly,
      caches: written,
      shown: proxyFolder === undefined ? [] : [{ path: PROXY_FOLDER, from: proxyFolder }],
      home,
      dataDir,
      scratch,
      network,
      hostname,
    }
    return {
      kind: 'bwrap',
      argv: [bubblewrap.path, ...bwrapArgs({ ...view, ...bubblewrap, project: root, cwd: request.cwd })],
      filter: unixSockets ? filters.open : filters.strict,
      bridge: proxyFolder === undefined ? null : bridgeCommand(),
      limits,
      owner,
      env: {},
      scratch: null,
    }
  }

  /** Our own proxies listen there. */
  function hiddenFrom(root: string): string[] {
    const folder = join(dataDir, 'sandbox')
    return contains(folder, root) ? [] : [folder]
  }

  async function socketFolder(root: string): Promise<string> {
    const owner = await ownerOf(root)
    // Names of sockets are short; and another user does not get into our data directory.
    const isNear = !owner && dataDir.length <= MAX_SOCKET_FOLDER
    const folder = await mkdtemp(isNear ? join(dataDir, 'sandbox', 'net-') : '/tmp/retrai-net-')
    if (owner) await chown(folder, owner.uid, owner.gid)
    return folder
  }

  /** What was downloaded into this home is read, until the project has downloads of its own: never written. */
  async function cachesFor(root: string, owner: Owner | null, network: boolean) {
    const key = owner ? `${owner.uid}:${owner.gid}` : 'us'
    const found = downloadsOf.get(key) ?? findDownloads(home, owner)
    downloadsOf.set(key, found)
    const downloads = await found
    // Another user does not get into our data directory, and does without.
    if (owner) return { caches: [], downloads }
    const folder = join(dataDir, 'caches', shortHash(root))
    const caches = await Promise.all(
      CACHES.map(async name => {
        const [path, from] = [join(home, name), join(folder, name)]
        await mkdir(from, { recursive: true, mode: 0o700 })
        const isUsed = network || !downloads.includes(path) || (await readdir(from)).length > 0
        return isUsed ? [{ path, from }] : []
      }),
    )
    const own = caches.flat()
    return { caches: own, downloads: downloads.filter(path => !own.some(cache => cache.path === path)) }
  }

  return { around, socketFolder, env: { HOME: home }, noHostList: null, hint: () => null }
}

/** By its real path; where it is no place of its own, commands get one. */
export async function homeOf(env: Record<string, string>): Promise<string> {
  const home = await realpath(env.HOME ?? '/').catch(() => env.HOME ?? '/')
  return home === '/' ? '/home/retrai' : home
}

/** A server that runs as root runs a project's commands as the owner of the project. */
export async function ownerOf(root: string): Promise<Owner | null> {
  if (process.getuid?.() !== 0) return null
  const { uid, gid } = await stat(root)
  const owner = { uid, gid }
  return uid !== 0 && (await mayReach(root, owner)) ? owner : null
}

/** Where names are resolved is often told in a file that lies with the running system. */
async function nameServers({ readOnly }: Places): Promise<string[]> {
  const file = await realpath('/etc/resolv.conf').catch(() => null)
  if (!file || readOnly.some(place => contains(place, file))) return []
  return [dirname(file)]
}

/** One file per filter: bubblewrap reads it from a descriptor. */
async function writeFilters(folder: string): Promise<{ open: string | null; strict: string | null }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const write = async (name: string, unixSockets: boolean) => {
    const filter = seccompFilter(process.arch, { unixSockets })
    if (!filter) return null
    const file = join(folder, name)
    await writeFile(file, filter, { mode: 0o600 })
    return file
  }
  return { open: await write('filter-open.bpf', true), strict: await write('filter.bpf', false) }
}

/** Before, a limit counted all processes of the user, wherever they run. */
export function countsPerSandbox(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 14)
}

export const memoryLimit = (machineBytes: number) =>
  Math.min(LIMITS.commandMemoryBytes, Math.floor(machineBytes * 0.75))

export const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 24)
