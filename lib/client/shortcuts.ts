// The one registry of keys: it feeds the handlers, the `?` sheet and the hints at the foot of the page.

/** Later ones win over earlier ones for the same key; an open dialog silences all others. */
export const SCOPES = ['global', 'page', 'list', 'gate', 'dialog'] as const
export type ShortcutScope = (typeof SCOPES)[number]

export interface Shortcut {
  /** In the notation of tinykeys: `j`, `g r`, `Shift+X`, `$mod+Enter`. Several do the same. */
  keys: string | string[]
  /** What it does, for the sheet: `Open the run`. */
  does: string
  /** A word for the foot of the page; without it the key stands in the sheet only. */
  hint?: string
  /** Left out where the browser does it by itself (Enter on a focused link): then it is only told. */
  run?(event: KeyboardEvent): void
  /** Also while typing in a field. */
  whileTyping?: boolean
}

export interface Registration {
  scope: ShortcutScope
  shortcuts: Shortcut[]
}

export interface Shortcuts {
  register(registration: Registration): () => void
  subscribe(listener: () => void): () => void
  get(): Registration[]
}

export function createShortcuts(): Shortcuts {
  const listeners = new Set<() => void>()
  let registrations: Registration[] = []
  function set(next: Registration[]) {
    registrations = next
    for (const listener of listeners) listener()
  }
  return {
    register(registration) {
      set([...registrations, registration])
      return () => set(registrations.filter(r => r !== registration))
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get: () => registrations,
  }
}

/** What each key does now: the highest scope has it; with a dialog open, only the dialog's keys exist. */
export function activeShortcuts(registrations: Registration[], singleKeys: boolean): Map<string, Shortcut> {
  const dialog = registrations.some(r => r.scope === 'dialog')
  const byRank = registrations
    .filter(r => !dialog || r.scope === 'dialog')
    .toSorted((a, b) => SCOPES.indexOf(a.scope) - SCOPES.indexOf(b.scope))
  const active = new Map<string, Shortcut>()
  for (const { shortcuts } of byRank)
    for (const shortcut of shortcuts)
      for (const keys of keysOf(shortcut)) if (singleKeys || !isCharacterKey(keys)) active.set(keys, shortcut)
  return active
}

export const keysOf = (shortcut: Shortcut): string[] =>
  typeof shortcut.keys === 'string' ? [shortcut.keys] : shortcut.keys

/** Letters, digits and signs without Ctrl, ⌘ or Alt: WCAG 2.1.4 wants these to be switchable. */
export function isCharacterKey(keys: string): boolean {
  return keys.split(' ').every(press => /^(Shift\+)?\S$/.test(press))
}

/** As shown to people: `g r` → [`g`, `r`], `$mod+Enter` → [`⌘↵`]. */
export function keyLabels(keys: string, isMac: boolean): string[] {
  const names: Record<string, string> = {
    $mod: isMac ? '⌘' : 'Ctrl ',
    Shift: '⇧',
    Enter: '↵',
    Escape: 'Esc',
    ArrowDown: '↓',
    ArrowUp: '↑',
    ArrowLeft: '←',
    ArrowRight: '→',
  }
  return keys.split(' ').map(press => {
    const parts = press === '+' ? ['+'] : press.split('+')
    // `Shift+?` is the question mark to everybody: on the keys, the sign says it.
    if (parts.length === 2 && parts[0] === 'Shift' && /^[^a-z0-9]$/i.test(parts[1] ?? ''))
      return parts[1] ?? ''
    return parts.map(p => names[p] ?? p).join('')
  })
}
