'use client'
import { Search } from 'lucide-react'
import { useIsMac } from '../_hooks/use-is-mac.ts'
import { IconButton } from './button.tsx'
import { useShortcutSettings } from './shortcuts.tsx'

/** The way to the palette without a keyboard. */
export function PaletteButton() {
  const { openPalette } = useShortcutSettings()
  const keys = useIsMac() ? '⌘K' : 'Ctrl K'
  return (
    <IconButton
      label="Find anything"
      title={`Find anything (${keys})`}
      aria-haspopup="dialog"
      onClick={openPalette}
    >
      <Search aria-hidden className="size-4" />
    </IconButton>
  )
}
