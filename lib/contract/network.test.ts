import { expect, test } from 'vitest'
import { type Network, narrowNetwork, networkText, parseHostRule } from './network.ts'
import { NetworkSchema, parseNetwork } from './network-schema.ts'

test.each([
  ['packages.example.com', { host: 'packages.example.com', isWildcard: false, ports: [443, 80] }],
  ['*.Example.ORG', { host: 'example.org', isWildcard: true, ports: [443, 80] }],
  ['example.org:8443', { host: 'example.org', isWildcard: false, ports: [8443] }],
  ['8.8.8.8', { host: '8.8.8.8', isWildcard: false, ports: [443, 80] }],
  ['[2606:4700::1111]:443', { host: '2606:4700::1111', isWildcard: false, ports: [443] }],
  ['xn--bcher-kva.example', { host: 'xn--bcher-kva.example', isWildcard: false, ports: [443, 80] }],
])('%s is an entry', (text, rule) => {
  expect(parseHostRule(text)).toEqual(rule)
})

test.each([
  ...[
    '',
    '*',
    '*.org',
    '*.*.example.org',
    'a.*.example.org',
    'example*.org',
    'localhost',
    'org',
    '.example.org',
  ],
  ...[
    'example.org.',
    'example..org',
    '-example.org',
    'https://example.org',
    'example.org/path',
    'user@example.org',
  ],
  ...[
    'example.org:0',
    'example.org:65536',
    'example.org:',
    'bücher.example',
    'exam ple.org',
    'example.org\n.x.org',
  ],
  ...[
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '0177.0.0.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '1.2.3',
    'example.0x1',
    '*.8.8.8.8',
  ],
  ...['::1', '[::1', `${'a'.repeat(64)}.org`],
])('%j is none, and a list with it is refused by name', text => {
  expect(parseHostRule(text)).toBeNull()
  const parsed = NetworkSchema.safeParse(['example.org', text])
  expect(parsed.success).toBe(false)
  expect(parsed.error?.issues[0]).toMatchObject({
    path: [1],
    message: expect.stringContaining(JSON.stringify(text)),
  })
})

test('what is no network is refused with what is one', () => {
  for (const wrong of ['yes', true, [], {}, null, 'example.org'])
    expect(NetworkSchema.safeParse(wrong).error?.issues[0]?.message).toMatch(
      /^must be off, on, or a list of hosts/,
    )
})

test('on a command line it is one word', () => {
  expect(parseNetwork(' on ')).toBe('on')
  expect(parseNetwork('a.example, *.b.example:8080')).toEqual(['a.example', '*.b.example:8080'])
  expect(networkText(parseNetwork('a.example,b.example'))).toBe('a.example,b.example')
  for (const wrong of ['yes', '', ',', 'a.example,localhost']) expect(() => parseNetwork(wrong)).toThrow()
})

test.each<[Network, Network, Network]>([
  ['on', 'off', 'off'],
  ['on', 'on', 'on'],
  ['off', 'on', 'off'],
  ['on', ['a.example'], ['a.example']],
  [['a.example'], 'on', ['a.example']],
  [['a.example'], 'off', 'off'],
  [['a.example', 'b.example'], ['b.example'], ['b.example']],
  [
    ['x.b.example', 'b.example', '*.b.example', '*.c.b.example'],
    ['*.b.example'],
    ['x.b.example', '*.b.example', '*.c.b.example'],
  ],
  [['*.example.org'], ['a.example.org'], 'off'],
  [['a.example:443'], ['a.example'], ['a.example:443']],
  [['a.example'], ['a.example:443'], 'off'],
])('%j within %j is %j', (asked, allowed, granted) => {
  expect(narrowNetwork(asked, allowed)).toEqual(granted)
})
