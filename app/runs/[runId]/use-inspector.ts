'use client'
import { useEffect, useRef } from 'react'
import type { ChangePane } from '../../_hooks/use-panes.ts'
import type { Pane } from '../../_ui/panes.ts'
import type { ChangeUrl, RunUrl } from './run-url.ts'
import { type PaneMode, usePaneMode } from './use-pane-mode.ts'

export interface InspectorState {
  mode: PaneMode | null
  /** Beside the stream, where there is room for that. */
  isOpenWide: boolean
  /** Over the stream, where there is not. */
  isOpenOver: boolean
  isOpen: boolean
  setOpen(open: boolean): void
  toggle(): void
}

/**
 * Whether the inspector is open. As a pane it is part of how the page is arranged, and kept; over the stream it is a step that
 * the browser's own «back» takes back.
 */
export function useInspector(
  pane: Pane,
  changePane: ChangePane,
  url: RunUrl,
  change: ChangeUrl,
): InspectorState {
  const mode = usePaneMode()
  /** The iteration that was looked at when it was opened over the stream; null: it was not, or this step is not the last any more. */
  const openedAt = useRef<string | null>(null)
  const isOpenOver = url.inspect
  const isOpenWide = pane.open || url.inspect
  const isOpen = mode === 'pane' ? isOpenWide : isOpenOver
  useEffect(() => {
    if (!url.inspect) openedAt.current = null
  }, [url.inspect])

  function setOpen(open: boolean) {
    if (mode === 'pane') {
      changePane('inspector', { ...pane, open })
      if (url.inspect) change({ inspect: false })
    } else if (open) {
      openedAt.current = String(url.iter)
      change({ inspect: true }, 'push')
    } else if (openedAt.current === String(url.iter)) window.history.back()
    else change({ inspect: false })
  }

  return { mode, isOpenWide, isOpenOver, isOpen, setOpen, toggle: () => setOpen(!isOpen) }
}
