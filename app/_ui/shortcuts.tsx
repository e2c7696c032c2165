'use client'
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react'
import { type KeyMap, shortcutId, withKeyMap } from '#lib/client/key-map'
import {
  keyLabels,
  keysOf,
  type Registration,
  type Shortcut,
  type ShortcutScope,
  type Shortcuts,
} from '#lib/client/shortcuts'
import { useIsMac } from '../_hooks/use-is-mac.ts'

export interface Shared {
  registry: Shortcuts
  /** Keys as they were changed in this browser. */
  keyMap: KeyMap
  setKeyMap(map: KeyMap): void
  singleKeys: boolean
  setSingleKeys(on: boolean): void
  openSheet(): void
  openPalette(): void
}

export const ShortcutsContext = createContext<Shared | null>(null)

export function useShortcutSettings(): Shared {
  const shared = useContext(ShortcutsContext)
  if (!shared) throw new Error('This component stands outside ShortcutsProvider (app/layout.tsx)')
  return shared
}

/** With the keys as they were changed. */
export function useRegisteredShortcuts(): Registration[] {
  const { registry, keyMap } = useShortcutSettings()
  return withKeyMap(useSyncExternalStore(registry.subscribe, registry.get, registry.get), keyMap)
}

/** The first keys of a shortcut as people see them, e.g. `g r`; null when it has none now. */
export function useKeyWords(scope: ShortcutScope, does: string, usual: string): string | null {
  const { keyMap, singleKeys } = useShortcutSettings()
  const isMac = useIsMac()
  const id = shortcutId(scope, does)
  const [keys = null] = Object.hasOwn(keyMap, id) ? (keyMap[id] ?? []) : [usual]
  return keys === null || !singleKeys ? null : keyLabels(keys, isMac).join(' ')
}

/**
 * What a button with the hint `usual` should show: the keys that do it now; null for none. Unchanged where no shortcut of the
 * page has that key.
 */
export function useHint(usual: string): string | null {
  const { registry, keyMap } = useShortcutSettings()
  const isMac = useIsMac()
  const registrations = useSyncExternalStore(registry.subscribe, registry.get, registry.get)
  if (Object.keys(keyMap).length === 0) return usual
  for (const { scope, shortcuts } of registrations)
    for (const shortcut of shortcuts) {
      const id = shortcutId(scope, shortcut.does)
      const isIt = keysOf(shortcut).some(keys => keyLabels(keys, isMac).join(' ') === usual)
      if (!isIt || !Object.hasOwn(keyMap, id)) continue
      const [keys] = keyMap[id] ?? []
      return keys === undefined ? null : keyLabels(keys, isMac).join(' ')
    }
  return usual
}

/**
 * Keys of a component while it is mounted. The list may be new at each render: the newest `run` is called; what else it
 * says (keys, words, how many) is taken from when it changes.
 */
export function useShortcuts(scope: ShortcutScope, shortcuts: Shortcut[], enabled = true): void {
  const { registry } = useShortcutSettings()
  const newest = useRef(shortcuts)
  useEffect(() => {
    newest.current = shortcuts
  })
  const said = JSON.stringify(shortcuts.map(({ run, ...rest }) => ({ ...rest, acts: run !== undefined })))
  useEffect(() => {
    if (!enabled) return
    const words: (Omit<Shortcut, 'run'> & { acts: boolean })[] = JSON.parse(said)
    return registry.register({
      scope,
      shortcuts: words.map(({ acts, ...word }, i) =>
        acts ? { ...word, run: event => newest.current[i]?.run?.(event) } : word,
      ),
    })
  }, [registry, scope, said, enabled])
}
