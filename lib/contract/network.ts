// What sandboxed commands may reach: the words of the option, and what an entry of its list of hosts means.

/** `off`, `on`, or hosts; these alone. */
export type Network = 'off' | 'on' | string[]

/** In the reason of a check that seems to have missed it. */
export const NEEDS_NETWORK = 'It seems to need the network'

const DEFAULT_PORTS: readonly number[] = [443, 80]

/** An entry of the list, taken apart. */
export interface HostRule {
  /** In lower case; an IPv6 address without its brackets. */
  host: string
  /** `*.example.org`: whatever lies below, but not example.org itself. */
  isWildcard: boolean
  ports: readonly number[]
}

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const NAME = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`)
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/
const ENTRY = /^(\*\.)?([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

/** Whether others would take it for an address, however it is spelled: 127.1, 0x7f.0.0.1, 2130706433, 0177.0.0.1. */
export const endsInNumber = (host: string): boolean => /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(host)

/** As every system understands it: four decimal numbers without leading zeros. */
export const isPlainIPv4 = (host: string): boolean => IPV4.test(host) && !/(?:^|\.)0\d/.test(host)

/** A name with at least one dot, written as it is looked up: in lower case, without a dot at the end. */
export const isHostName = (host: string): boolean =>
  host.length <= 253 && NAME.test(host) && !endsInNumber(host)

/** null when it is not an entry. */
export function parseHostRule(text: string): HostRule | null {
  const [, star, host, port] = ENTRY.exec(text.trim().toLowerCase()) ?? []
  if (host === undefined) return null
  const isWildcard = star !== undefined
  const number = Number(port ?? 443)
  if (number < 1 || number > 65_535) return null
  const ports = port === undefined ? DEFAULT_PORTS : [number]
  if (host.startsWith('[')) return isWildcard ? null : { host: host.slice(1, -1), isWildcard, ports }
  if (isPlainIPv4(host)) return isWildcard ? null : { host, isWildcard, ports }
  return isHostName(host) ? { host, isWildcard, ports } : null
}

/** The entries of a list that was validated. */
export const hostRules = (hosts: readonly string[]): HostRule[] =>
  hosts.flatMap(host => parseHostRule(host) ?? [])

export const matchesHost = (rule: HostRule, host: string): boolean =>
  rule.isWildcard ? host.endsWith(`.${rule.host}`) : host === rule.host

/** Whether all that `asked` opens is open by one of `rules` already. */
const isCovered = (asked: HostRule, rules: readonly HostRule[]): boolean =>
  rules.some(
    rule =>
      asked.ports.every(port => rule.ports.includes(port)) &&
      (asked.isWildcard
        ? rule.isWildcard && (asked.host === rule.host || matchesHost(rule, asked.host))
        : matchesHost(rule, asked.host)),
  )

/** In words: `off`, `on`, or the hosts. */
export const networkText = (network: Network): string =>
  typeof network === 'string' ? network : network.join(',')

/** What of `asked` lies in `allowed`; the same when all of it does. */
export function narrowNetwork(asked: Network, allowed: Network): Network {
  if (asked === 'off' || allowed === 'on') return asked
  if (allowed === 'off') return 'off'
  if (asked === 'on') return allowed
  const rules = hostRules(allowed)
  const kept = asked.filter(host => hostRules([host]).every(rule => isCovered(rule, rules)))
  return kept.length === 0 ? 'off' : kept
}
