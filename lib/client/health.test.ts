import { expect, test } from 'vitest'
import type { ModelInfo } from '../contract/models.ts'
import type { ServerInfo } from '../contract/server.ts'
import { diagnostics, findingsOf, providersOf } from './health.ts'

const GOOD: ServerInfo = {
  version: '1.0.0',
  node: 'v22.1.0',
  platform: 'linux x64',
  started_at: '2026-02-18T12:00:00Z',
  address: 'http://127.0.0.1:8000',
  needs_token: false,
  default_cwd: '/srv/shop',
  allowed_roots: null,
  data_dir: '/data',
  data_dir_note: null,
  database_bytes: 212_000_000,
  wal_bytes: 3_000_000,
  disk_free_bytes: 79_000_000_000,
  git: '2.45.1',
  sandbox: { mode: 'bwrap', detail: 'bubblewrap 0.9', required: false },
  max_parallel: 4,
  max_queued: 100,
  running: 3,
  queued: 0,
  lag_ms: 1.2,
  lag_p99_ms: 11,
  sockets: 5,
  event_streams: 2,
  spent_today_usd: 4.12,
  spent_since: '2026-02-18T00:00:00Z',
  unpriced_calls_today: 0,
  memory_bytes: 180_000_000,
  readiness: {
    ready: true,
    version: '1.0.0',
    checks: [
      { name: 'database', ok: true, detail: 'reads and writes', ms: 2 },
      { name: 'disk', ok: true, detail: 'there is room', ms: 1 },
      { name: 'sandbox', ok: true, detail: 'bubblewrap', ms: 0 },
    ],
  },
}
const finding = (changes: Partial<ServerInfo>, name: string) =>
  findingsOf({ ...GOOD, ...changes }).find(one => one.name === name)
const model = (changes: Partial<ModelInfo>): ModelInfo => ({
  name: 'claude-x',
  provider: 'anthropic',
  title: 'X',
  available: true,
  why_not: null,
  scripted: false,
  context_window: null,
  price: null,
  ...changes,
})

const DISK_FULL = {
  ready: false,
  version: '1.0.0',
  checks: [{ name: 'disk', ok: false, detail: 'The disk of /data is full: free some space', ms: 1 }],
}

test('a server that is well has nothing to be done', () => {
  expect(findingsOf(GOOD).filter(one => one.state !== 'ok')).toEqual([])
  expect(finding({}, 'Data directory')?.detail).toBe('/data · 212 MB of runs · 3 MB not merged yet')
  for (const name of ['sandbox', 'disk'])
    expect(findingsOf(GOOD).filter(one => one.name.toLowerCase() === name)).toHaveLength(1)
})

test.each([
  [{ git: null }, 'git', 'bad', 'Install git'],
  [{ disk_free_bytes: 400_000_000 }, 'Disk', 'warn', 'Free some space'],
  [{ readiness: DISK_FULL }, 'Disk', 'bad', 'free some space'],
  [
    { sandbox: { mode: 'seatbelt', detail: 'sandbox-exec (not tested on a real Mac)', required: true } },
    ...(['Sandbox', 'warn', 'not tested'] as const),
  ],
  [{ sandbox: { mode: 'off', detail: 'asked for', required: false } }, 'Sandbox', 'warn', 'not sandboxed'],
  [{ queued: 2 }, 'Slots', 'warn', '--max-parallel'],
  [{ queued: 100 }, 'Slots', 'bad', '--max-parallel'],
  [{ lag_ms: 900 }, 'Answers in time', 'warn', '--max-parallel'],
  [{ data_dir_note: 'kept in /tmp' }, 'Data directory', 'warn', '/tmp'],
] as const)('%j is said, with what to do', (changes, name, state, words) => {
  const found = finding(changes, name)
  expect(found?.state).toBe(state)
  expect(found?.detail).toContain(words)
})

test('a check that fails is bad, in its own words', () => {
  const checks = [{ name: 'commands', ok: false, detail: 'commands cannot be started', ms: 5 }]
  const found = finding({ readiness: { ready: false, version: '1', checks } }, 'Commands')
  expect(found).toMatchObject({ state: 'bad', detail: 'commands cannot be started (5 ms)' })
})

test('a provider is ready when one of its models is, and says what it wants otherwise', () => {
  const found = providersOf([
    model({}),
    model({ name: 'y', available: false, why_not: 'too new' }),
    model({
      name: 'openrouter/<model>',
      provider: 'openrouter',
      available: false,
      why_not: 'OPENROUTER_API_KEY is not set',
    }),
    model({ name: 'scripted/demo', provider: 'scripted', scripted: true }),
  ])
  expect(found.map(({ name, state, detail }) => [name, state, detail])).toEqual([
    ['anthropic', 'ok', '1 model ready, its key is there or not needed'],
    ['openrouter', 'off', 'OPENROUTER_API_KEY is not set'],
    ['scripted', 'ok', '1 recorded conversation, no key needed'],
  ])
})

test('without any model that could be asked, what each wants is to be looked at', () => {
  const none = [
    model({ available: false, why_not: 'ANTHROPIC_API_KEY is not set' }),
    model({ provider: 's', scripted: true }),
  ]
  expect(providersOf(none).map(({ state }) => state)).toEqual(['warn', 'ok'])
})

test('the text for a report has a line for each finding', () => {
  const text = diagnostics({ ...GOOD, git: null }, [model({})])
  expect(text.split('\n')[0]).toBe('retrAI 1.0.0, Node v22.1.0, linux x64, ready')
  expect(text).toContain('✗ git: Not found')
  expect(text).toContain('✓ anthropic: 1 model ready')
})

test('a report has the newest warnings of the log, and nothing of it that is only said', () => {
  const entry = (level: 'info' | 'error', message: string) => ({
    time: '2026-02-18T12:00:00Z',
    level,
    message,
    data: {},
  })
  const text = diagnostics(GOOD, [], [entry('error', 'it broke'), entry('info', 'listening')])
  expect(text).toContain('2026-02-18T12:00:00Z error it broke {}')
  expect(text).not.toContain('listening')
  expect(diagnostics(GOOD, [])).not.toContain('of the log')
})
