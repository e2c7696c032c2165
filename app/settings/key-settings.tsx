import { useState } from 'react'
import { EVERYWHERE, type KnownKey, readKnownKeys, shortcutId } from '#lib/client/key-map'
import { useStored } from '../_hooks/use-stored.ts'
import { Button } from '../_ui/button.tsx'
import { useShortcutSettings } from '../_ui/shortcuts.tsx'
import { KNOWN_KEYS } from '../_ui/shortcuts-provider.tsx'
import { Switch } from '../_ui/switch.tsx'
import { KeyRow } from './key-row.tsx'

/** Every key of the pages that have been open in this browser: each can be changed or left out. */
export function KeySettings() {
  const { keyMap, setKeyMap, singleKeys, setSingleKeys } = useShortcutSettings()
  const [stored] = useStored(KNOWN_KEYS, '[]')
  const known = readKnownKeys(stored)
  const [open, setOpen] = useState<string | null>(null)
  const pages = [...new Set(known.map(one => one.page))].sort(
    (a, b) => Number(b === EVERYWHERE) - Number(a === EVERYWHERE) || a.localeCompare(b),
  )
  const change = (of: KnownKey, keys: string[] | null) => {
    const { [shortcutId(of.scope, of.does)]: _, ...others } = keyMap
    setKeyMap(keys === null ? others : { ...others, [shortcutId(of.scope, of.does)]: keys })
    setOpen(null)
  }
  return (
    <div className="space-y-6">
      <Switch
        checked={singleKeys}
        onChange={setSingleKeys}
        label="Single-letter keys"
        description="Off: only keys with Ctrl or ⌘, arrows, Enter and Escape work."
      />
      {pages.map(page => (
        <section key={page} aria-label={`Keys: ${page}`}>
          <h3 className="mb-1 text-2xs font-semibold tracking-wide text-muted uppercase">{page}</h3>
          <ul className="divide-y rounded-lg border">
            {known
              .filter(one => one.page === page)
              .map(one => {
                const id = shortcutId(one.scope, one.does)
                return (
                  <KeyRow
                    key={id}
                    of={one}
                    known={known}
                    isOpen={open === `${page} ${id}`}
                    onOpen={isOpen => setOpen(isOpen ? `${page} ${id}` : null)}
                    onChange={keys => change(one, keys)}
                  />
                )
              })}
          </ul>
        </section>
      ))}
      <p className="text-muted">
        The keys of a page stand here once it has been open in this browser; <kbd>?</kbd> shows those of the
        page you are on.
      </p>
      {Object.keys(keyMap).length > 0 && <Button onClick={() => setKeyMap({})}>All keys as they came</Button>}
    </div>
  )
}
