// The way out of one command's sandbox to the hosts on its list: a proxy in a folder of its own, and what it refused.
import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hostRules } from '#lib/contract/network'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { PROXY_SOCKET } from './bridge.ts'
import type { Dial } from './dial.ts'
import { openProxy } from './proxy.ts'

export interface WayOptions {
  sandbox: Pick<Sandbox, 'socketFolder'>
  root: string
  hosts: readonly string[]
  dial: Dial
  log?(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

export interface Way {
  /** To be shown to the command. */
  folder: string
  /** Each that was refused, once, with why. */
  refused(): string[]
  /** Ends all connections; nothing of it is left. */
  close(): Promise<void>
}

/** A hostile command may ask for as many as it likes. */
const MAX_TOLD = 20

export async function openWay({ sandbox, root, hosts, dial, log }: WayOptions): Promise<Way> {
  const folder = await sandbox.socketFolder(root)
  const refused = new Set<string>()
  try {
    const proxy = await openProxy({
      socket: join(folder, PROXY_SOCKET),
      rules: hostRules(hosts),
      dial,
      onRefused(target, why) {
        const told = `${target} (${why})`
        if (refused.has(told) || refused.size >= MAX_TOLD) return
        refused.add(told)
        log?.('warn', 'a command asked for a host that it may not reach', { cwd: root, target, why })
      },
    })
    // The folder is closed to others; the command may run as another user than we do.
    await chmod(join(folder, PROXY_SOCKET), 0o666)
    return {
      folder,
      refused: () => [...refused],
      async close() {
        await proxy.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}
