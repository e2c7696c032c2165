// The sandbox of commands on macOS, by the system's own sandbox-exec. Written from what is publicly known of it and never tried on a
// real Mac: whoever shows that there is one says so, and where one of its assertions does not hold (see probe.ts) it counts as none.
import { access, constants, lstat, mkdir, readdir, realpath, rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { AppError } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { SandboxedSpawn } from '../spawner.ts'
import { contains } from './bwrap-args.ts'
import { findMacPlaces, MAC_TOOLCHAINS, type MacPlaces } from './mac-places.ts'
import { CACHES, findDownloads, type Owner } from './places.ts'
import { makePrivateFolder, removeLeftovers } from './private-folder.ts'
import { findProjectPlaces, keptByAnyCase } from './project-places.ts'
import { homeOf, memoryLimit, ownerOf, type Sandbox, type SandboxRequest, shortHash } from './sandbox.ts'
import { seatbeltHint } from './seatbelt-hint.ts'
import { seatbeltArgs, seatbeltProfile } from './seatbelt-profile.ts'

/** Never along a PATH. */
const SANDBOX_EXEC = '/usr/bin/sandbox-exec'

export interface SeatbeltOptions {
  dataDir: string
  /** As commands get it. */
  env: Record<string, string>
  /** Where this user's temporary files are. */
  temporary: string
  /** Further places that commands may read. */
  readable?: string[]
  memoryBytes?: number
  /** Default: that of the system. */
  program?: string
}

export const NO_HOST_LIST =
  'on macOS the sandbox cannot hold commands to a list of hosts: say network: "off", or "on" for all of it'

/** Written through to folders of the project's own. Most programs of macOS keep theirs in the second. */
const MAC_CACHES = [...CACHES, 'Library/Caches']

/** Or why there is none. */
export async function findSandboxExec(program = SANDBOX_EXEC): Promise<string | { why: string }> {
  for (const needed of [program, '/bin/bash']) {
    const isThere = await access(needed, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (!isThere) return { why: `${needed} is not there, which belongs to macOS` }
  }
  return program
}

export async function createSeatbelt(options: SeatbeltOptions): Promise<Sandbox> {
  const { env, readable = [], program = SANDBOX_EXEC } = options
  const dataDir = await realpath(options.dataDir)
  const base = await realpath(options.temporary)
  const home = await homeOf(env)
  const placesOf = new Map<string, Promise<MacPlaces>>()
  // Where git, cc and others of /usr/bin are: they look it up there. Never written: programs outside believe it.
  const tools = join(base, 'xcrun_db')
  await removeLeftovers(base)
  const limits = {
    processes: LIMITS.commandProcesses,
    // The system counts all processes of the user, wherever they run; ours are counted by the helper.
    countsProcesses: false,
    files: LIMITS.commandOpenFiles,
    fileKiB: LIMITS.commandFileKiB,
    memoryBytes: options.memoryBytes ?? memoryLimit(totalmem()),
  }

  function systemPlaces(owner: Owner | null): Promise<MacPlaces> {
    const key = owner ? `${owner.uid}:${owner.gid}` : 'us'
    let places = placesOf.get(key)
    if (!places) {
      places = findMacPlaces({ env, home, extra: readable, owner })
      placesOf.set(key, places)
      places.catch(() => placesOf.delete(key))
    }
    return places
  }

  /** By the names that programs look for in their home. */
  async function toolchainsOf({ readOnly }: MacPlaces) {
    const links = await Promise.all(
      MAC_TOOLCHAINS.map(async name => {
        const target = await realpath(join(home, name)).catch(() => null)
        return target !== null && readOnly.some(place => contains(place, target)) ? [{ name, target }] : []
      }),
    )
    return links.flat()
  }

  async function around(request: SandboxRequest): Promise<SandboxedSpawn> {
    const { root, network, writable = [] } = request
    if (request.proxyFolder !== undefined) throw new AppError('conflict', NO_HOST_LIST)
    const owner = await ownerOf(root)
    const [places, project, kept, caches] = await Promise.all([
      systemPlaces(owner),
      findProjectPlaces(root, home),
      keptByAnyCase(root),
      cachesFor(root, owner, network),
    ])
    const asked = await Promise.all((request.readable ?? []).map(realPlace))
    const readOnly = [...places.readOnly, ...project.readOnly, ...caches.downloads, ...asked, tools]
    const scratch = await makePrivateFolder({
      // Another user does not get into ours.
      base: owner ? await realpath('/tmp') : base,
      links: [...caches.links, ...(await toolchainsOf(places))],
      owner,
    })
    const { profile, params } = seatbeltProfile({
      ...{ project: root, home, dataDir, readOnly, network },
      hidden: places.hidden,
      kept: [...project.kept, ...kept],
      written: [...caches.written, ...(await Promise.all(writable.map(realPlace)))],
      scratch: scratch.path,
      temporary: await Promise.all((request.temporary ?? []).map(realPlace)),
    })
    return {
      kind: 'seatbelt',
      argv: [program, ...seatbeltArgs({ profile, params })],
      filter: null,
      bridge: null,
      limits,
      owner,
      env: privateEnv(env, { home, scratch, visible: [root, ...readOnly] }),
      scratch: scratch.path,
    }
  }

  /** What was downloaded into this home is read, until the project has downloads of its own: never written. */
  async function cachesFor(root: string, owner: Owner | null, network: boolean) {
    const found = await findDownloads(home, owner)
    const names = found.map(path => path.slice(home.length + 1))
    const links: { name: string; target: string }[] = []
    const written: string[] = []
    const folder = join(dataDir, 'caches', shortHash(root))
    // Another user does not get into our data directory, and does without.
    for (const name of owner ? [] : MAC_CACHES) {
      const own = join(folder, name)
      await makeOwn(own)
      if (!network && names.includes(name) && (await readdir(own)).length === 0) continue
      links.push({ name, target: own })
      written.push(own)
    }
    const downloads = names
      .filter(name => !links.some(link => contains(link.name, name)))
      .map(name => ({ name, target: join(home, name) }))
    return { written, links: [...links, ...downloads], downloads: downloads.map(({ target }) => target) }
  }

  return {
    around,
    socketFolder: () => Promise.reject(new AppError('conflict', NO_HOST_LIST)),
    env: {},
    noHostList: NO_HOST_LIST,
    hint: seatbeltHint,
  }
}

/** A folder that commands write: what one of them may have put in its place is no folder of ours. */
async function makeOwn(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null)
  if (found && !found.isDirectory()) await rm(path, { force: true })
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Of what may not be there yet, the folder it will be in. */
const realPlace = (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)),
  )

/**
 * The private home and temporary folder, and variables that name a place in the real home: unless it is shown, the same place in the
 * private one, where caches and toolchains have the names they are looked for by.
 */
export function privateEnv(
  env: Record<string, string>,
  { home, scratch, visible }: { home: string; scratch: { path: string; home: string }; visible: string[] },
): Record<string, string> {
  const changed: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (name === 'PATH' || !contains(home, value)) continue
    if (!visible.some(place => contains(place, value)))
      changed[name] = `${scratch.home}${value.slice(home.length)}`
  }
  const temporary = Object.fromEntries(
    ['TMP', 'TEMP'].filter(name => env[name] !== undefined).map(name => [name, scratch.path]),
  )
  return { ...changed, ...temporary, HOME: scratch.home, TMPDIR: scratch.path }
}
