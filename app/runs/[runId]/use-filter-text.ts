import { useEffect, useRef, useState } from 'react'
import type { ChangeUrl } from './run-url.ts'

/** The field answers each key at once; the address follows when typing pauses. */
export function useFilterText(inUrl: string, change: ChangeUrl): [string, (text: string) => void] {
  const [typed, setTyped] = useState(inUrl)
  const written = useRef(inUrl)
  useEffect(() => {
    // Back and forward change the address too.
    if (inUrl !== written.current) setTyped(inUrl)
    written.current = inUrl
  }, [inUrl])
  useEffect(() => {
    const timer = setTimeout(() => {
      written.current = typed
      change({ f: typed })
    }, 250)
    return () => clearTimeout(timer)
  }, [typed, change])
  return [typed, setTyped]
}
