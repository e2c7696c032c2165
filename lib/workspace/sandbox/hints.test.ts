import { expect, test } from 'vitest'
import { DOCKER_HINT, dockerHint, NETWORK_HINT, networkHint } from './hints.ts'

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
])('%j misses the network', output => {
  expect(networkHint(output)).toBe(NETWORK_HINT)
})

test.each(['AssertionError: 1 != 2', 'FAILED tests/test_network.py::test_x', ''])('%j does not', output => {
  expect(networkHint(output)).toBeNull()
})

test('what needs the engine of Docker is told of it', () => {
  expect(dockerHint('ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.')).toBe(
    DOCKER_HINT,
  )
  expect(dockerHint('no such image')).toBeNull()
})

test('the hint is given once', () => {
  expect(networkHint(`EAI_AGAIN\n${NETWORK_HINT}`)).toBeNull()
})
