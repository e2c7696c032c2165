// Sandboxed commands have no network unless a run says so; a program that misses it rarely says that it is the network.

export const NETWORK_HINT =
  '[the network is off in the sandbox; if this needs it, start the run with network: "on" (retrai run --network on)]'

const SIGNS = new RegExp(
  [
    String.raw`\b(EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENOTFOUND|ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED)\b`,
    'Could not resolve (host|proxy)|Temporary failure (in name resolution|resolving)|Name or service not known',
    'Network is unreachable|Network unreachable|No route to host|getaddrinfo failed|nodename nor servname',
    'Failed to resolve|failed to lookup address|Could not resolve hostname|unable to resolve host address',
    'dial (tcp|udp)[^\\n]*(connect: network is unreachable|no such host|connection refused.*:53)',
    'lookup [^\\n]{1,200}: (no such host|Temporary failure|i/o timeout|device or resource busy|connection refused)',
    'Name does not resolve|UnknownHostException|SocketException: Network|No such host is known',
    'NameResolutionError|socket\\.gaierror|Errno -[23]\\]|Could not connect to [^\\n]{1,200}:(80|443)',
    'Could not find a version that satisfies the requirement|spurious network error|Unable to access .{0,200}http',
  ].join('|'),
  'i',
)

/** The hint, when the output looks as if the network was missed; null when not, or when it is there already. */
export function networkHint(output: string): string | null {
  return SIGNS.test(output) && !output.includes(NETWORK_HINT) ? NETWORK_HINT : null
}

/** Whether the hint was given. */
export const missedNetwork = (output: string): boolean => output.includes(NETWORK_HINT)
