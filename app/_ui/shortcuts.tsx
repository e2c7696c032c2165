'use client'
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react'
import type { Registration, Shortcut, ShortcutScope, Shortcuts } from '#lib/client/shortcuts'

export interface Shared {
  registry: Shortcuts
  singleKeys: boolean
  setSingleKeys(on: boolean): void
  openSheet(): void
}

export const ShortcutsContext = createContext<Shared | null>(null)

export function useShortcutSettings(): Shared {
  const shared = useContext(ShortcutsContext)
  if (!shared) throw new Error('This component stands outside ShortcutsProvider (app/layout.tsx)')
  return shared
}

export function useRegisteredShortcuts(): Registration[] {
  const { registry } = useShortcutSettings()
  return useSyncExternalStore(registry.subscribe, registry.get, registry.get)
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
