// Which token a command sends, and to whom.
import { randomBytes } from 'node:crypto'
import type { UserConfig } from './user-config.ts'

/** 192 bits, in characters that need no quoting anywhere. */
export const newToken = (): string => randomBytes(24).toString('base64url')

export interface TokenSituation {
  /** `--token` */
  flag: string | undefined
  /** RETRAI_TOKEN */
  variable: string | undefined
  config: Pick<UserConfig, 'server' | 'token'>
  /** The address that is asked. */
  server: string
}

/**
 * A token that was kept belongs to the server it was kept with, or to those of this machine: one that is only named for
 * this command must not be told it.
 */
export function tokenFor({ flag, variable, config, server }: TokenSituation): string | null {
  if (flag !== undefined) return flag
  if (variable) return variable
  if (config.token === undefined) return null
  const isItsOwn =
    config.server === undefined
      ? isOfThisMachine(server)
      : new URL(config.server).origin === new URL(server).origin
  return isItsOwn ? config.token : null
}

const isOfThisMachine = (server: string) =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(server).hostname)
