// What programs say that miss what the sandbox keeps from them, and what is said to that: they rarely know that it is one.

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
    // Services of the machine, such as a database, are as far away as others.
    String.raw`ECONNREFUSED (127\.0\.0\.1|::1)|[Cc]onnection refused|Is the server running`,
    'NameResolutionError|socket\\.gaierror|Errno -[23]\\]|Could not connect to [^\\n]{1,200}:(80|443)',
    'Could not find a version that satisfies the requirement|spurious network error|Unable to access .{0,200}http',
  ].join('|'),
  'i',
)

/** The hint, when the output looks as if the network was missed; null when not, or when it is there already. */
export function networkHint(output: string): string | null {
  return SIGNS.test(output) && !output.includes(NETWORK_HINT) ? NETWORK_HINT : null
}

export const DOCKER_HINT =
  '[the sandbox hides the engine of Docker, whose users can do everything on this machine; if this needs it, start the run with sandbox: "off" (retrai run --sandbox off)]'

const NO_DOCKER =
  /cannot connect to the docker daemon|failed to connect to the docker api|permission denied while trying to connect to the docker|docker\.sock/i

/** As above, for the socket of Docker; `null` when it was not missed. */
export const dockerHint = (output: string): string | null =>
  NO_DOCKER.test(output) && !output.includes(DOCKER_HINT) ? DOCKER_HINT : null

/** Whether the hint was given. */
export const missedNetwork = (output: string): boolean => output.includes(NETWORK_HINT)
