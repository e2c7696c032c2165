import { expect, test } from 'vitest'
import { NETWORK_HINT } from './hints.ts'
import { NO_ROOT_HINT, NO_TMP_HINT, seatbeltHint } from './seatbelt-hint.ts'

test.each([
  'Error: listen EPERM: operation not permitted 127.0.0.1:3000',
  'Error: connect EPERM 127.0.0.1:5432 - Local (undefined:undefined)',
  'listen tcp 127.0.0.1:0: bind: operation not permitted',
  'dial tcp 127.0.0.1:8080: connect: operation not permitted',
  'nc: connect to localhost port 80 (tcp) failed: Operation not permitted',
])('a program that misses loopback is told how to get it: %s', output => {
  expect(seatbeltHint({ output, network: 'off' })).toContain(NETWORK_HINT)
  expect(seatbeltHint({ output, network: 'on' })).toBeNull()
  expect(seatbeltHint({ output: `${output}\n${NETWORK_HINT}`, network: 'off' })).toBeNull()
})

test.each([
  'bash: /tmp/out.txt: Operation not permitted',
  'touch: /private/tmp/x: Operation not permitted',
  "PermissionError: [Errno 1] Operation not permitted: '/tmp/x'",
  "Error: EPERM: operation not permitted, open '/tmp/x'",
])('one that writes to /tmp is told of the folder it has: %s', output => {
  expect(seatbeltHint({ output, network: 'off' })).toBe(NO_TMP_HINT)
})

test('one that would become root is told that it cannot', () => {
  expect(seatbeltHint({ output: 'bash: /bin/ps: Operation not permitted', network: 'on' })).toBe(NO_ROOT_HINT)
})

test.each([
  'chmod: build: Operation not permitted',
  '1 failed, 3 passed',
  "Error: EPERM: operation not permitted, open '/Users/ada/proj/tmp/x'",
])('others are told nothing: %s', output => {
  expect(seatbeltHint({ output, network: 'off' })).toBeNull()
})
