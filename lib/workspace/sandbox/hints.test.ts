import { expect, test } from 'vitest'
import type { Network } from '#lib/contract/network'
import { DOCKER_HINT, dockerHint, missedNetwork, NETWORK_HINT, networkHint } from './hints.ts'

interface Said {
  output?: string
  exitCode?: number
  command?: string
  network?: Network
  refused?: string[]
}
const hint = (said: Said) =>
  networkHint({ output: '', exitCode: 1, command: 'sh check.sh', network: 'off', refused: [], ...said })

test.each([
  'npm error code EAI_AGAIN\nnpm error request to https://registry.example/left-pad failed',
  'curl: (6) Could not resolve host: example.com',
  'connect ENETUNREACH 93.184.216.34:443 - Local (0.0.0.0:0)',
  'ping: example.com: Temporary failure in name resolution',
  'socket.gaierror: [Errno -3] Temporary failure in name resolution',
  'dial tcp: lookup proxy.golang.org: Temporary failure in name resolution',
  'dial tcp: lookup proxy.golang.org on [::1]:53: read udp [::1]:40100->[::1]:53: read: connection refused',
  'java.net.UnknownHostException: repo.maven.apache.org',
  "fatal: unable to access 'https://github.com/x/y/': Could not resolve host: github.com",
  'ERROR: Could not find a version that satisfies the requirement flask (from versions: none)',
  'Error: connect ECONNREFUSED 127.0.0.1:5432',
  'psql: error: connection to server at "localhost", port 5432 failed: Connection refused',
  'warning: spurious network error (3 tries remaining): [6] Could not resolve hostname',
  "E   requests.exceptions.ConnectionError: HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded with url: /",
  'E   urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>',
  'E   httpx.ConnectError: [Errno -2] Name or service not known',
  'TypeError: fetch failed\n    at node:internal/deps/undici/undici:13510:13',
  'AssertionError [ERR_ASSERTION]: fetch failed',
  '[cause]: Error: getaddrinfo ENOTFOUND packages.example.com',
  'error: failed to download from `https://index.crates.io`\n  Caused by: dns error: failed to lookup address information',
  'go: example.org/x@v1.0.0: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host',
  'curl: (7) Failed to connect to 10.1.1.1 port 80: Network is unreachable',
  'Error: page.goto: net::ERR_INTERNET_DISCONNECTED at https://example.org',
  'error NU1301: Unable to load the service index for source',
])('%j misses the network', output => {
  expect(hint({ output })).toBe(NETWORK_HINT)
  expect(hint({ output, network: 'on' })).toBeNull()
})

test('curl and wget that say nothing say it by their exit code', () => {
  expect(hint({ exitCode: 6 })).toBe(NETWORK_HINT)
  expect(hint({ exitCode: 7, output: '\n' })).toBe(NETWORK_HINT)
  expect(hint({ exitCode: 6, command: 'set -e; echo a; curl -s https://example.org', output: 'a\n' })).toBe(
    NETWORK_HINT,
  )
  expect(hint({ exitCode: 4, command: 'wget -q https://example.org' })).toBe(NETWORK_HINT)
  // Others count their failures that way.
  expect(hint({ exitCode: 6, output: '6 failing\n', command: 'npx mocha' })).toBeNull()
  expect(hint({ exitCode: 4, output: '4 failing\n', command: 'npx mocha' })).toBeNull()
})

test('with a list of hosts it is said which there are, and what was refused', () => {
  const network = ['packages.example.com', '*.example.org']
  const refused = ['evil.example:443 (it is not on the list of allowed hosts)']
  const said = hint({ network, refused, output: 'request failed' })
  expect(said).toContain('packages.example.com,*.example.org')
  expect(said).toContain(refused[0])
  expect(hint({ network, output: 'getaddrinfo EAI_AGAIN x.example' })).toContain('HTTPS_PROXY')
  expect(hint({ network, output: 'AssertionError' })).toBeNull()
  expect(missedNetwork(`failed\n${said}\n`)).toContain(refused[0])
  expect(missedNetwork(`failed\n${NETWORK_HINT}\n`)).toContain('start the run with network: "on"')
  expect(missedNetwork('failed')).toBeNull()
})

test.each(['AssertionError: 1 != 2', 'FAILED tests/test_network.py::test_x', ''])('%j does not', output => {
  expect(hint({ output })).toBeNull()
})

test('what needs the engine of Docker is told of it', () => {
  expect(dockerHint('ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.')).toBe(
    DOCKER_HINT,
  )
  expect(dockerHint('no such image')).toBeNull()
})

test('the hint is given once', () => {
  expect(hint({ output: `EAI_AGAIN\n${NETWORK_HINT}` })).toBeNull()
})
