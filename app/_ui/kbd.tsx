import type { ReactNode } from 'react'

/** A key, in text. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-block min-w-5 rounded-sm border border-line bg-raised px-1 text-center font-sans text-2xs text-muted">
      {children}
    </kbd>
  )
}
