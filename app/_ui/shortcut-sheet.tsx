'use client'
import Link from 'next/link'
import { keysOf } from '#lib/client/shortcuts'
import { Dialog } from './dialog.tsx'
import { Keys } from './keys.tsx'
import { useRegisteredShortcuts, useShortcutSettings } from './shortcuts.tsx'
import { Switch } from './switch.tsx'

const TITLES = { global: 'Everywhere', page: 'This page', list: 'List', gate: 'Gate' } as const

/** All keys of the page that is open, and the switch that turns single letters off. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const registrations = useRegisteredShortcuts()
  const { singleKeys, setSingleKeys } = useShortcutSettings()
  const scopes = (['gate', 'list', 'page', 'global'] as const)
    .map(scope => ({
      scope,
      shortcuts: registrations.filter(r => r.scope === scope).flatMap(r => r.shortcuts),
    }))
    .filter(s => s.shortcuts.length > 0)
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {scopes.map(({ scope, shortcuts }) => (
          <section key={scope}>
            <h3 className="mb-1 text-2xs font-semibold tracking-wide text-muted uppercase">
              {TITLES[scope]}
            </h3>
            <dl>
              {shortcuts.map(s => (
                <div
                  key={s.does}
                  className="flex items-center justify-between gap-3 border-b py-1.5 last:border-0"
                >
                  <dt>{s.does}</dt>
                  <dd className="flex items-center gap-1">
                    <Keys keys={keysOf(s)} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 border-t pt-3">
        <Switch
          checked={singleKeys}
          onChange={setSingleKeys}
          label="Single-letter keys"
          description="Off: only keys with Ctrl or ⌘, arrows, Enter and Escape work. Kept in this browser."
        />
        <p className="mt-3">
          <Link href="/settings#keys" onClick={onClose} className="text-accent underline">
            Change keys in the settings
          </Link>
        </p>
      </div>
    </Dialog>
  )
}
