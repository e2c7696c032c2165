import { expect, test } from 'vitest'
import {
  type KnownKey,
  pressOf,
  readKeyMap,
  readKnownKeys,
  remember,
  whyNotKeys,
  withKeyMap,
} from './key-map.ts'
import { activeShortcuts, type Registration } from './shortcuts.ts'

const run = () => {}
const registrations: Registration[] = [
  { scope: 'global', shortcuts: [{ keys: 'g r', does: 'Go to: Runs', run }] },
  {
    scope: 'list',
    shortcuts: [
      { keys: ['j', 'ArrowDown'], does: 'Next run', run },
      { keys: 'Enter', does: 'Open the run' },
    ],
  },
  { scope: 'dialog', shortcuts: [{ keys: 'q', does: 'Close', run }] },
]
const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

test('a changed key does what the old one did, and the old one nothing', () => {
  const changed = withKeyMap(registrations.slice(0, 2), { 'list: Next run': ['m'] })
  const active = activeShortcuts(changed, true)
  expect(active.get('m')?.does).toBe('Next run')
  expect(active.has('j')).toBe(false)
  expect(active.get('g r')?.does).toBe('Go to: Runs')
})

test('a shortcut may have no key at all', () => {
  const active = activeShortcuts(withKeyMap(registrations.slice(0, 2), { 'global: Go to: Runs': [] }), true)
  expect([...active.values()].map(s => s.does)).not.toContain('Go to: Runs')
})

test('what was kept by another version or a hand is no key map, and never an error', () => {
  for (const text of ['', 'null', '[]', '{"a": 1}', '{"a": ["", 2]}', '{', '"x"'])
    expect(readKeyMap(text)).toEqual({})
  expect(readKeyMap('{"list: Next run": ["m"], "b": 1}')).toEqual({ 'list: Next run': ['m'] })
  expect(readKnownKeys('[1, null, {"does": "x"}]')).toEqual([])
})

test('the keys of each page are remembered once; those of dialogs and of the browser are not', () => {
  const known = remember([], registrations, 'Runs')!
  expect(known.map(one => [one.page, one.does])).toEqual([
    ['Everywhere', 'Go to: Runs'],
    ['Runs', 'Next run'],
  ])
  expect(remember(known, registrations, 'Runs')).toBeNull()
  expect(remember(known, registrations, 'Run')).toHaveLength(3)
  expect(readKnownKeys(JSON.stringify(known))).toEqual(known)
})

test('a press is said in the notation of the registry', () => {
  expect(pressOf({ ...none, key: 'x' })).toBe('x')
  expect(pressOf({ ...none, key: 'X', shiftKey: true })).toBe('Shift+X')
  expect(pressOf({ ...none, key: '?', shiftKey: true })).toBe('Shift+?')
  expect(pressOf({ ...none, key: 'k', metaKey: true })).toBe('$mod+k')
  expect(pressOf({ ...none, key: ' ' })).toBe('Space')
  expect(pressOf({ ...none, key: 'Shift', shiftKey: true })).toBeNull()
})

test('a key is refused when something else has it there, or when the browser or everybody needs it', () => {
  const known = remember(remember([], registrations, 'Runs')!, registrations, 'Run')!
  const next = known.find(one => one.page === 'Runs' && one.does === 'Next run') as KnownKey // two lines up
  const why = (keys: string, map = {}) => whyNotKeys(keys, next, known, map)
  expect(why('m')).toBeNull()
  expect(why('j')).toBeNull()
  expect(why('g')).toContain('Go to: Runs')
  expect(why('g r')).toContain('Go to: Runs')
  expect(why('g', { 'global: Go to: Runs': [] })).toBeNull()
  expect(why('$mod+w')).toContain('browser')
  expect(why('$mod+3')).toContain('browser')
  expect(why('Enter')).toContain('meaning')
  expect(why('Alt+x')).toContain('Alt')
  expect(why('$mod+k')).toBeNull()
})
