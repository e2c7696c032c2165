// Looks for bubblewrap where the system installs it, never along a PATH that a project may have a part in.
import { access, constants } from 'node:fs/promises'
import type { Spawner } from '../spawner.ts'

export interface Bubblewrap {
  path: string
  version: string
  /** From 0.8 on. */
  disableUserns: boolean
  /** From 0.7 on: can limit what is written to memory. */
  sizes: boolean
}

export const HOW_TO_GET_IT =
  'install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap; Arch: pacman -S bubblewrap)'

/** Or why there is none, in a sentence that says what to do. */
export async function findBubblewrap(
  spawner: Pick<Spawner, 'run'>,
  platform: NodeJS.Platform = process.platform,
): Promise<Bubblewrap | { why: string }> {
  if (platform !== 'linux')
    return { why: `there is no sandbox for ${platform} yet, only for Linux and macOS` }
  if (!(await isProgram('/bin/bash'))) return { why: 'the sandbox needs bash in /bin; install bash' }
  for (const path of ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/run/current-system/sw/bin/bwrap']) {
    if (!(await isProgram(path))) continue
    const ask = (option: string) =>
      spawner.run({
        argv: [path, option],
        cwd: '/',
        env: { PATH: '/usr/bin:/bin' },
        timeoutMs: 10_000,
        merge: true,
        headBytes: 65_536,
        tailBytes: 0,
      })
    const [named, help] = await Promise.all([ask('--version'), ask('--help')])
    const version = /\d+\.\d+(\.\d+)?/.exec(Buffer.from(named.out.head).toString())?.[0]
    if (!version) return { why: `${path} does not run: ${named.problem ?? `exit code ${named.exitCode}`}` }
    const options = Buffer.from(help.out.head).toString()
    if (!options.includes('--clearenv'))
      return { why: `bubblewrap ${version} is too old, 0.5 or newer is needed; ${HOW_TO_GET_IT}` }
    const has = (option: string) => options.includes(`${option} `)
    return { path, version, disableUserns: has('--disable-userns'), sizes: has('--size') }
  }
  return { why: `bubblewrap is not installed; ${HOW_TO_GET_IT}` }
}

const isProgram = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
