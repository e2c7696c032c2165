'use client'
import { useEffect, useState } from 'react'

/** Width of the page from which there is room for three panes; the class names say the same (`@min-[1060px]/page`). */
const THREE_FROM = 1060
/** Below it, one thing at a time (`@min-[640px]/page`). */
const ONE_BELOW = 640

/** How the inspector stands: beside the stream, over a part of it, or over everything. null before the first layout. */
export type PaneMode = 'pane' | 'overlay' | 'sheet'

export function usePaneMode(): PaneMode | null {
  const [mode, setMode] = useState<PaneMode | null>(null)
  useEffect(() => {
    const page = document.getElementById('main')
    if (!page) return
    const observer = new ResizeObserver(() => {
      const { clientWidth } = page
      setMode(clientWidth >= THREE_FROM ? 'pane' : clientWidth >= ONE_BELOW ? 'overlay' : 'sheet')
    })
    observer.observe(page)
    return () => observer.disconnect()
  }, [])
  return mode
}
