'use client'
import { useHint } from './shortcuts.tsx'

/** The key that does what a button does, where keys exist. */
export function KeyHint({ usual }: { usual: string }) {
  const keys = useHint(usual)
  if (keys === null) return null
  return (
    <kbd aria-hidden className="-mr-1 hidden rounded-sm px-1 font-sans text-2xs sm:inline coarse:hidden">
      {keys}
    </kbd>
  )
}
