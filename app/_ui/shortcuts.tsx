'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { createKeybindingsHandler } from 'tinykeys'
import {
  activeShortcuts,
  createShortcuts,
  type Registration,
  type Shortcut,
  type ShortcutScope,
  type Shortcuts,
} from '#lib/client/shortcuts'
import { useStored } from '../_hooks/use-stored.ts'
import { NAVIGATION } from './navigation.ts'

const ShortcutSheet = dynamic(() => import('./shortcut-sheet.tsx').then(m => m.ShortcutSheet), { ssr: false })

interface Shared {
  registry: Shortcuts
  singleKeys: boolean
  setSingleKeys(on: boolean): void
  openSheet(): void
}

const Context = createContext<Shared | null>(null)

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(createShortcuts)
  const [stored, setStored] = useStored('retrai.single-keys', 'on')
  const [sheet, setSheet] = useState(false)
  const singleKeys = stored !== 'off'
  const setSingleKeys = useCallback((on: boolean) => setStored(on ? 'on' : 'off'), [setStored])
  const openSheet = useCallback(() => setSheet(true), [])
  const registrations = useSyncExternalStore(registry.subscribe, registry.get, registry.get)

  useEffect(() => {
    const bindings: Record<string, (event: KeyboardEvent) => void> = {}
    for (const [keys, { run, whileTyping }] of activeShortcuts(registrations, singleKeys))
      if (run)
        bindings[keys] = event => {
          if (event.defaultPrevented || (isTyping(event) && !whileTyping)) return
          event.preventDefault()
          run(event)
        }
    const handler = createKeybindingsHandler(bindings)
    window.addEventListener('keydown', handler)
    return () => window.removeEventListener('keydown', handler)
  }, [registrations, singleKeys])

  const shared = useMemo(
    () => ({ registry, singleKeys, setSingleKeys, openSheet }),
    [registry, singleKeys, setSingleKeys, openSheet],
  )
  return (
    <Context value={shared}>
      <GlobalShortcuts />
      {children}
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
    </Context>
  )
}

function GlobalShortcuts() {
  const router = useRouter()
  const { openSheet } = useShortcutSettings()
  useShortcuts('global', [
    // With and without Shift: where the sign is depends on the keyboard.
    { keys: ['?', 'Shift+?'], does: 'Show all keys', hint: 'keys', run: openSheet },
    ...NAVIGATION.map(item => ({
      keys: item.keys,
      does: `Go to: ${item.label}`,
      run: () => router.push(item.href),
    })),
  ])
  return null
}

export function useShortcutSettings(): Shared {
  const shared = useContext(Context)
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

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}
