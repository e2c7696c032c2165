// What programs say that miss what the sandbox keeps from them, and what is said to that: they rarely know that it is one.

import { type Network, networkText } from '#lib/contract/network'

export const NETWORK_HINT =
  '[the network is off in the sandbox; if this needs it, start the run with network: "on" (retrai run --network on), or with a list of the hosts it needs]'

const SIGNS = new RegExp(
  [
    String.raw`\b(EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENOTFOUND|ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED)\b`,
    'Could not resolve (host|proxy)|Temporary failure (in name resolution|resolving)|Name or service not known',
    'Network is unreachable|Network unreachable|No route to host|getaddrinfo failed|nodename nor servname',
    'Failed to resolve|failed to lookup address|Could not resolve hostname|unable to resolve host address',
    'dial (tcp|udp)[^\\n]*(connect: network is unreachable|no such host|connection refused.*:53)',
    'lookup [^\\n]{1,200}: (no such host|Temporary failure|i/o timeout|device or resource busy|connection refused)',
    'Name does not resolve|UnknownHostException|SocketException: Network|No such host is known',
    // Services of the machine, such as a database, are as far away as others.
    String.raw`ECONNREFUSED (127\.0\.0\.1|::1)|[Cc]onnection refused|Is the server running`,
    'NameResolutionError|socket\\.gaierror|Errno -[23]\\]|Could not connect to [^\\n]{1,200}:(80|443)',
    'Could not find a version that satisfies the requirement|spurious network error|Unable to access .{0,200}http',
    String.raw`\b(fetch failed|Failed to fetch|NetworkError when attempting to fetch)\b|request to https?://\S+ failed`,
    'Max retries exceeded with url|Cannot connect to host|error sending request for url',
    'trouble with your network connection|Failed to open TCP connection|dns error|net::ERR_[A-Z_]+|NU1301',
    'Unable to connect\\. Is the computer able|Could not transfer artifact|Could not (GET|HEAD) .https?:|ERR_PNPM_META_FETCH',
  ].join('|'),
  'i',
)

const LIST_HINT = '[of the network, the sandbox opens only '

export interface Missed {
  output: string
  exitCode: number | null
  command: string
  network: Network
  /** What the list of hosts did not let through, each with why. */
  refused: string[]
}

/** The hint, when it looks as if the network was missed; null when not, or when it is there already. */
export function networkHint({ output, exitCode, command, network, refused }: Missed): string | null {
  const isMissed = SIGNS.test(output) || isQuietDownload(output, exitCode, command)
  if (network === 'on' || (!isMissed && refused.length === 0)) return null
  if (output.includes(NETWORK_HINT) || output.includes(LIST_HINT)) return null
  if (network === 'off') return NETWORK_HINT
  const why =
    refused.length > 0
      ? `refused: ${refused.join(', ')}`
      : 'and only to programs that go by the proxy of HTTPS_PROXY or HTTP_PROXY'
  return `${LIST_HINT}${networkText(network)}; ${why}; if this needs more, start the run with network: "on" (retrai run --network on), or with more hosts]`
}

/** curl and wget, told to be silent, say it by their exit code alone: 6 and 7, 4. */
function isQuietDownload(output: string, exitCode: number | null, command: string): boolean {
  if (exitCode === 6 || exitCode === 7) return output.trim() === '' || /\bcurl\b/.test(command)
  return exitCode === 4 && /\bwget\b/.test(command)
}

export const DOCKER_HINT =
  '[the sandbox hides the engine of Docker, whose users can do everything on this machine; if this needs it, start the run with sandbox: "off" (retrai run --sandbox off)]'

const NO_DOCKER =
  /cannot connect to the docker daemon|failed to connect to the docker api|permission denied while trying to connect to the docker|docker\.sock/i

/** As above, for the socket of Docker; `null` when it was not missed. */
export const dockerHint = (output: string): string | null =>
  NO_DOCKER.test(output) && !output.includes(DOCKER_HINT) ? DOCKER_HINT : null

/** What is to be said of a check that was given the hint; null when it was not. */
export function missedNetwork(output: string): string | null {
  if (output.includes(NETWORK_HINT))
    return 'which is off in the sandbox: start the run with network: "on" (retrai run --network on), or with a list of the hosts it needs'
  const [line] = /\[of the network, the sandbox opens only [^\n]*/.exec(output) ?? []
  return line === undefined
    ? null
    : `of which the sandbox does not open everything: ${line.slice(1, 600).replace(/\]$/, '')}`
}
