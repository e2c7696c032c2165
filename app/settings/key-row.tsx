import { useEffect, useRef, useState } from 'react'
import { type KnownKey, pressOf, shortcutId, whyNotKeys } from '#lib/client/key-map'
import { isCharacterKey } from '#lib/client/shortcuts'
import { Button } from '../_ui/button.tsx'
import { Keys } from '../_ui/keys.tsx'
import { useShortcutSettings, useShortcuts } from '../_ui/shortcuts.tsx'

/** How long a second key may come after a first, as in `g r`. */
const SECOND_KEY_MS = 900

export function KeyRow({
  of,
  known,
  isOpen,
  onOpen,
  onChange,
}: {
  of: KnownKey
  known: KnownKey[]
  isOpen: boolean
  onOpen(isOpen: boolean): void
  /** null: as it came. */
  onChange(keys: string[] | null): void
}) {
  const { keyMap } = useShortcutSettings()
  const id = shortcutId(of.scope, of.does)
  const isChanged = Object.hasOwn(keyMap, id)
  const keys = isChanged ? (keyMap[id] ?? []) : of.keys
  const change = useRef<HTMLButtonElement>(null)
  const close = () => {
    onOpen(false)
    // What had the focus goes away.
    setTimeout(() => change.current?.focus())
  }
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
      <span className="min-w-40 flex-1">{of.does}</span>
      {isOpen ? (
        <Recorder
          of={of}
          known={known}
          onKeys={pressed => {
            onChange([pressed])
            setTimeout(() => change.current?.focus())
          }}
          onCancel={close}
        />
      ) : (
        <>
          <span className="flex items-center gap-1">
            <Keys keys={keys} />
          </span>
          <span className="flex gap-1">
            <Button
              ref={change}
              kind="quiet"
              aria-label={`Change the key of: ${of.does}`}
              onClick={() => onOpen(true)}
            >
              Change
            </Button>
            {keys.length > 0 && (
              <Button kind="quiet" aria-label={`No key for: ${of.does}`} onClick={() => onChange([])}>
                None
              </Button>
            )}
            {isChanged && (
              <Button
                kind="quiet"
                aria-label={`The usual key for: ${of.does}`}
                onClick={() => onChange(null)}
              >
                Reset
              </Button>
            )}
          </span>
        </>
      )}
    </li>
  )
}

/** Takes the next keys that are pressed, one or two. */
function Recorder({
  of,
  known,
  onKeys,
  onCancel,
}: {
  of: KnownKey
  known: KnownKey[]
  onKeys(keys: string): void
  onCancel(): void
}) {
  const { keyMap } = useShortcutSettings()
  const [pressed, setPressed] = useState<string[]>([])
  const [why, setWhy] = useState<string | null>(null)
  const field = useRef<HTMLButtonElement>(null)
  // Nothing else may answer to what is pressed here.
  useShortcuts('dialog', [])
  useEffect(() => field.current?.focus(), [])

  const finish = useRef((_: string[]) => {})
  finish.current = presses => {
    setPressed([])
    const keys = presses.join(' ')
    const refused = whyNotKeys(keys, of, known, keyMap)
    setWhy(refused)
    if (refused === null) onKeys(keys)
  }
  useEffect(() => {
    if (pressed.length === 0) return
    const timer = setTimeout(() => finish.current(pressed), SECOND_KEY_MS)
    return () => clearTimeout(timer)
  }, [pressed])

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.key === 'Tab') return // the way out must stay
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') return onCancel()
    const press = pressOf(event)
    if (press === null || event.repeat) return
    const all = [...pressed, press]
    if (all.length === 2 || !isCharacterKey(press)) finish.current(all)
    else setPressed(all)
  }

  return (
    <span className="flex flex-wrap items-center gap-2">
      <button
        ref={field}
        type="button"
        aria-label={`Press the new key for: ${of.does}`}
        onKeyDown={onKeyDown}
        className="flex h-7 min-w-40 items-center justify-center gap-1 rounded-md border border-accent px-2 text-muted coarse:h-11"
      >
        {pressed.length > 0 ? <Keys keys={[pressed.join(' ')]} /> : 'Press a key, or two'}
      </button>
      <Button onClick={onCancel}>Cancel</Button>
      {why && (
        <span role="alert" className="w-full text-err">
          {why}
        </span>
      )}
    </span>
  )
}
