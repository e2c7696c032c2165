import { expect, test } from 'vitest'
import { NETWORK_HINT, networkHint } from './network-hint.ts'

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
  'warning: spurious network error (3 tries remaining): [6] Could not resolve hostname',
])('%j misses the network', output => {
  expect(networkHint(output)).toBe(NETWORK_HINT)
})

test.each([
  'AssertionError: 1 != 2',
  'ECONNREFUSED 127.0.0.1:5432',
  'FAILED tests/test_network.py::test_x',
  '',
])('%j does not', output => {
  expect(networkHint(output)).toBeNull()
})

test('the hint is given once', () => {
  expect(networkHint(`EAI_AGAIN\n${NETWORK_HINT}`)).toBeNull()
})
