import { expect, test } from 'vitest'
import { activeShortcuts, createShortcuts, isCharacterKey, keyLabels, type Shortcut } from './shortcuts.ts'

const key = (keys: string | string[], does: string): Shortcut => ({ keys, does, run: () => {} })
const active = (registry: ReturnType<typeof createShortcuts>, singleKeys = true) =>
  Object.fromEntries([...activeShortcuts(registry.get(), singleKeys)].map(([keys, s]) => [keys, s.does]))

test('the innermost scope has the key, and gives it back when it leaves', () => {
  const registry = createShortcuts()
  const leave = registry.register({ scope: 'list', shortcuts: [key('n', 'next hunk')] })
  registry.register({ scope: 'global', shortcuts: [key('n', 'new run'), key('g r', 'runs')] })
  expect(active(registry)).toEqual({ n: 'next hunk', 'g r': 'runs' })
  leave()
  expect(active(registry)).toEqual({ n: 'new run', 'g r': 'runs' })
})

test('an open dialog silences the keys under it', () => {
  const registry = createShortcuts()
  registry.register({ scope: 'global', shortcuts: [key('n', 'new run')] })
  registry.register({ scope: 'dialog', shortcuts: [key('Escape', 'close')] })
  expect(active(registry)).toEqual({ Escape: 'close' })
})

test('without single keys only those with a modifier and the named ones stay', () => {
  const registry = createShortcuts()
  registry.register({
    scope: 'page',
    shortcuts: [
      key(['j', 'ArrowDown'], 'next'),
      key('g r', 'runs'),
      key('$mod+Enter', 'submit'),
      key('Shift+X', 'stop'),
    ],
  })
  expect(active(registry, false)).toEqual({ ArrowDown: 'next', '$mod+Enter': 'submit' })
})

test('what counts as a character key', () => {
  expect(['j', '?', 'Shift+?', 'g r', 'Escape', '$mod+k', 'ArrowUp'].filter(isCharacterKey)).toEqual([
    'j',
    '?',
    'Shift+?',
    'g r',
  ])
})

test('keys are written as people know them', () => {
  expect(keyLabels('g r', false)).toEqual(['g', 'r'])
  expect(keyLabels('$mod+Enter', true)).toEqual(['⌘↵'])
  expect(keyLabels('$mod+Enter', false)).toEqual(['Ctrl ↵'])
  expect(keyLabels('Shift+?', false)).toEqual(['?'])
  expect(keyLabels('Shift+X', false)).toEqual(['⇧X'])
})
