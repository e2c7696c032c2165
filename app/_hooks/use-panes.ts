import { useCallback, useEffect, useState } from 'react'
import { PANES_COOKIE, type Pane, type PaneName, type Panes, panesText } from '../_ui/panes.ts'

export type ChangePane = (name: PaneName, pane: Pane) => void

/** The panes as the server rendered them, and how to change one for now and for the next page. */
export function usePanes(initial: Panes): [Panes, ChangePane] {
  const [start] = useState(initial)
  const [panes, setPanes] = useState(start)
  useEffect(() => {
    if (panes === start) return
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
    document.cookie = `${PANES_COOKIE}=${panesText(panes)}; path=/; max-age=31536000; samesite=lax`
  }, [panes, start])
  const change = useCallback<ChangePane>(
    (name, pane) => setPanes(before => ({ ...before, [name]: pane })),
    [],
  )
  return [panes, change]
}
