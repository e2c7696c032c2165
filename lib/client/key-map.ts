// Keys as a person has changed them. What is kept is by scope and words, so that it survives a key that gets another default.
import { isCharacterKey, keysOf, type Registration, type ShortcutScope } from './shortcuts.ts'

/** Id of a shortcut → its keys; an empty list: none. */
export type KeyMap = Readonly<Record<string, string[]>>

/** A shortcut that has been seen on some page, with the keys it came with. */
export interface KnownKey {
  scope: ShortcutScope
  does: string
  keys: string[]
  /** Where it is: `Everywhere`, or a page. */
  page: string
}

export const EVERYWHERE = 'Everywhere'
const MAX_KNOWN = 300

export const shortcutId = (scope: ShortcutScope, does: string): string => `${scope}: ${does}`

/** Anything that is not a map of keys is none: it may come from another version, or from a hand. */
export function readKeyMap(text: string): KeyMap {
  const parsed = parse(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {}
  return Object.fromEntries(
    Object.entries(parsed).filter(
      (entry): entry is [string, string[]] =>
        Array.isArray(entry[1]) && entry[1].every(keys => typeof keys === 'string' && keys.trim() !== ''),
    ),
  )
}

export function withKeyMap(registrations: Registration[], map: KeyMap): Registration[] {
  if (Object.keys(map).length === 0) return registrations
  return registrations.map(({ scope, shortcuts }) => ({
    scope,
    shortcuts: shortcuts.map(shortcut => {
      const id = shortcutId(scope, shortcut.does)
      const keys = Object.hasOwn(map, id) ? map[id] : undefined
      return keys === undefined ? shortcut : { ...shortcut, keys }
    }),
  }))
}

export function readKnownKeys(text: string): KnownKey[] {
  const parsed = parse(text)
  if (!Array.isArray(parsed)) return []
  return parsed.filter(
    (one): one is KnownKey =>
      typeof one === 'object' &&
      one !== null &&
      typeof one.scope === 'string' &&
      typeof one.does === 'string' &&
      typeof one.page === 'string' &&
      Array.isArray(one.keys),
  )
}

/** With what a page has registered; null when nothing of it is new. */
export function remember(known: KnownKey[], registrations: Registration[], page: string): KnownKey[] | null {
  const byPlace = new Map(known.map(one => [placeOf(one), one]))
  const before = JSON.stringify(known)
  for (const { scope, shortcuts } of registrations) {
    if (scope === 'dialog') continue
    for (const shortcut of shortcuts) {
      // What the browser does by itself cannot be given another key.
      if (!shortcut.run) continue
      const where = scope === 'global' ? EVERYWHERE : page
      const one = { scope, does: shortcut.does, keys: keysOf(shortcut), page: where }
      byPlace.set(placeOf(one), one)
    }
  }
  const next = [...byPlace.values()].slice(-MAX_KNOWN)
  return JSON.stringify(next) === before ? null : next
}

const placeOf = ({ scope, does, page }: KnownKey) => `${page} ${shortcutId(scope, does)}`

interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** What was pressed, in the notation of the registry; null for Ctrl, Shift and the like alone. */
export function pressOf({ key, ctrlKey, metaKey, altKey, shiftKey }: Press): string | null {
  if (['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Dead', 'Process'].includes(key))
    return null
  const name = key === ' ' ? 'Space' : key.length === 1 && shiftKey ? key.toUpperCase() : key
  return [ctrlKey || metaKey ? '$mod' : '', altKey ? 'Alt' : '', shiftKey ? 'Shift' : '', name]
    .filter(part => part !== '')
    .join('+')
}

/** Keys of the browser that nobody would want to lose. */
const OF_BROWSER = /^\$mod\+(Shift\+)?[1-9acflnpqrtvwxz]$/i

/** Why a shortcut cannot have these keys; null when it can. */
export function whyNotKeys(keys: string, of: KnownKey, known: KnownKey[], map: KeyMap): string | null {
  const presses = keys.split(' ')
  if (presses.some(press => /(^|\+)(Tab|Space|Enter|Escape)$/.test(press) && !press.includes('$mod')))
    return 'This key has its own meaning everywhere; choose another'
  if (presses.some(press => press.includes('Alt+')))
    return 'With Alt many keyboards write signs; choose another'
  if (presses.some(press => OF_BROWSER.test(press))) return 'This key belongs to the browser; choose another'
  if (presses.length > 1 && !presses.every(isCharacterKey))
    return 'Two keys one after the other are letters, digits or signs'
  const id = shortcutId(of.scope, of.does)
  const other = known.find(one => {
    const oneId = shortcutId(one.scope, one.does)
    if (oneId === id || !(one.page === of.page || one.page === EVERYWHERE || of.page === EVERYWHERE))
      return false
    return (Object.hasOwn(map, oneId) ? (map[oneId] ?? []) : one.keys).some(taken => collide(taken, keys))
  })
  return other ? `«${other.does}» (${other.page}) has this key; change that one first` : null
}

/** The same, or one is the beginning of the other. */
function collide(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()]
  return x === y || x.startsWith(`${y} `) || y.startsWith(`${x} `)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // written by another version, or by hand: as if nothing had been kept
  }
}
