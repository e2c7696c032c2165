'use client'
import clsx from 'clsx'
import { ChevronDown } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Button, IconButton } from '../../_ui/button.tsx'

export interface MenuItem {
  label: string
  /** What it does, in a quieter line. */
  about?: string
  icon?: ReactNode
  onChoose?(): void
  href?: string
}

/** A button that opens a short list of actions. Arrows move, Escape closes and gives the focus back. */
export function Menu({
  label,
  icon,
  items,
  text,
  blocked = null,
}: {
  label: string
  icon: ReactNode
  items: MenuItem[]
  /** Stands on the button; without it the icon is all there is. */
  text?: string
  /** Why it cannot be opened for now. */
  blocked?: string | null
}) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const id = useId()

  useEffect(() => {
    if (!isOpen) return
    root.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus()
    const closeOutside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false) // a pointer event's target is a node
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [isOpen])

  function close() {
    setOpen(false)
    root.current?.querySelector('button')?.focus()
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const entries = [...(root.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])]
    const at = entries.indexOf(document.activeElement as HTMLElement) // -1 when it is none of them
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: entries.length - 1,
    }
    const to = moves[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') close()
    else if (to === undefined) return
    else entries.at(to % entries.length)?.focus()
    event.preventDefault()
    event.stopPropagation()
  }

  const shape =
    'flex min-h-8 w-full items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-raised coarse:min-h-11'
  const opener = {
    'aria-haspopup': 'menu',
    'aria-expanded': isOpen,
    'aria-controls': isOpen ? id : undefined,
    onClick: () => setOpen(!isOpen),
  } as const
  return (
    <div ref={root} className="relative">
      {text === undefined ? (
        <IconButton label={label} kind="plain" {...opener}>
          {icon}
        </IconButton>
      ) : (
        <Button aria-label={label} icon={icon} blocked={blocked} {...opener}>
          {text}
          <ChevronDown aria-hidden className="-mr-1 size-3.5 text-muted" />
        </Button>
      )}
      {isOpen && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={onKeyDown}
          className={clsx(
            'absolute top-full z-40 mt-1 w-64 rounded-lg border bg-bg p-1 shadow-pop',
            // One with words stands at the beginning of a line, one with an icon at its end.
            text === undefined ? 'right-0' : 'left-0',
          )}
        >
          {items.map(item =>
            item.href ? (
              <a
                key={item.label}
                role="menuitem"
                tabIndex={-1}
                href={item.href}
                target="_blank"
                rel="noopener noreferrer"
                className={shape}
                onClick={() => setOpen(false)}
              >
                {item.icon ?? <span className="size-3.5" />}
                {item.label}
              </a>
            ) : (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className={shape}
                onClick={() => {
                  item.onChoose?.()
                  close()
                }}
              >
                {item.icon ?? <span className="size-3.5" />}
                <span className="min-w-0">
                  {item.label}
                  {item.about && <span className="block text-xs text-muted">{item.about}</span>}
                </span>
              </button>
            ),
          )}
        </div>
      )}
    </div>
  )
}
