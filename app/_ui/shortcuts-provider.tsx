'use client'
import dynamic from 'next/dynamic'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { createKeybindingsHandler } from 'tinykeys'
import { type KeyMap, readKeyMap, readKnownKeys, remember, withKeyMap } from '#lib/client/key-map'
import { activeShortcuts, createShortcuts } from '#lib/client/shortcuts'
import { useStored } from '../_hooks/use-stored.ts'
import { NAVIGATION, pageName } from './navigation.ts'
import { ShortcutsContext, useShortcutSettings, useShortcuts } from './shortcuts.tsx'

const ShortcutSheet = dynamic(() => import('./shortcut-sheet.tsx').then(m => m.ShortcutSheet), { ssr: false })
const Palette = dynamic(() => import('./palette.tsx').then(m => m.Palette), { ssr: false })

export const KNOWN_KEYS = 'retrai.known-keys'

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(createShortcuts)
  const [stored, setStored] = useStored('retrai.single-keys', 'on')
  const [keysStored, setKeysStored] = useStored('retrai.keys', '{}')
  const [open, setOpen] = useState<'sheet' | 'palette' | null>(null)
  const singleKeys = stored !== 'off'
  const keyMap = useMemo(() => readKeyMap(keysStored), [keysStored])
  const setSingleKeys = useCallback((on: boolean) => setStored(on ? 'on' : 'off'), [setStored])
  const setKeyMap = useCallback((map: KeyMap) => setKeysStored(JSON.stringify(map)), [setKeysStored])
  const registrations = useSyncExternalStore(registry.subscribe, registry.get, registry.get)

  useEffect(() => {
    const bindings: Record<string, (event: KeyboardEvent) => void> = {}
    for (const [keys, { run, whileTyping }] of activeShortcuts(withKeyMap(registrations, keyMap), singleKeys))
      if (run)
        bindings[keys] = event => {
          if (event.defaultPrevented || (isTyping(event) && !whileTyping)) return
          event.preventDefault()
          run(event)
        }
    const handler = createKeybindingsHandler(bindings)
    window.addEventListener('keydown', handler)
    return () => window.removeEventListener('keydown', handler)
  }, [registrations, keyMap, singleKeys])

  const shared = useMemo(
    () => ({
      registry,
      keyMap,
      setKeyMap,
      singleKeys,
      setSingleKeys,
      openSheet: () => setOpen('sheet'),
      openPalette: () => setOpen('palette'),
    }),
    [registry, keyMap, setKeyMap, singleKeys, setSingleKeys],
  )
  return (
    <ShortcutsContext value={shared}>
      <GlobalShortcuts />
      <RememberedKeys />
      {children}
      {open === 'sheet' && <ShortcutSheet onClose={() => setOpen(null)} />}
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
    </ShortcutsContext>
  )
}

function GlobalShortcuts() {
  const router = useRouter()
  const { openSheet, openPalette } = useShortcutSettings()
  useShortcuts('global', [
    {
      keys: '$mod+k',
      does: 'Find anything',
      hint: 'find',
      whileTyping: true,
      run: openPalette,
    },
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

/** Keeps which keys each page has, so that the settings can offer those of pages that are not open. */
function RememberedKeys() {
  const page = pageName(usePathname())
  const { registry } = useShortcutSettings()
  const registrations = useSyncExternalStore(registry.subscribe, registry.get, registry.get)
  const [known, setKnown] = useStored(KNOWN_KEYS, '[]')
  useEffect(() => {
    const next = remember(readKnownKeys(known), registrations, page)
    if (next) setKnown(JSON.stringify(next))
  }, [known, setKnown, registrations, page])
  return null
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}
