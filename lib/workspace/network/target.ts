// Where a request to the proxy wants to go, read from the raw text: anything that two programs could understand differently is
// no target.
import { isIPv6 } from 'node:net'
import { type HostRule, isHostName, isPlainIPv4, matchesHost } from '#lib/contract/network'

export interface Target {
  /** A name in lower case, or an address without brackets. */
  host: string
  port: number
  isAddress: boolean
}

/** `host:port` or, where there is a usual port, `host`; null when it is neither. */
export function parseTarget(authority: string, usualPort: number | null): Target | null {
  const [, text, digits] = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/i.exec(authority) ?? []
  if (text === undefined) return null
  const port = digits === undefined ? usualPort : Number(digits)
  if (port === null || port < 1 || port > 65_535) return null
  const name = text.toLowerCase()
  if (name.startsWith('[')) {
    const host = name.slice(1, -1)
    return isIPv6(host) ? { host, port, isAddress: true } : null
  }
  if (isPlainIPv4(name)) return { host: name, port, isAddress: true }
  return isHostName(name) ? { host: name, port, isAddress: false } : null
}

export const isOpen = (rules: readonly HostRule[], { host, port }: Target): boolean =>
  rules.some(rule => rule.ports.includes(port) && matchesHost(rule, host))

export const targetText = ({ host, port }: Target): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
