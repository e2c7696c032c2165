'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { type ReactNode, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { createKeybindingsHandler } from 'tinykeys'
import { activeShortcuts, createShortcuts } from '#lib/client/shortcuts'
import { useStored } from '../_hooks/use-stored.ts'
import { NAVIGATION } from './navigation.ts'
import { ShortcutsContext, useShortcutSettings, useShortcuts } from './shortcuts.tsx'

const ShortcutSheet = dynamic(() => import('./shortcut-sheet.tsx').then(m => m.ShortcutSheet), { ssr: false })

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
    <ShortcutsContext value={shared}>
      <GlobalShortcuts />
      {children}
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
    </ShortcutsContext>
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

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}
