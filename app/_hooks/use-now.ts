import { createContext, useContext, useEffect, useState } from 'react'
import { useHydrated } from './use-hydrated.ts'

/** The server's time (ms) when it rendered this page. */
export const RenderedAt = createContext(0)

/**
 * The time in ms, renewed every `everyMs` while `running`. In the first paint it is the server's: what depends on it must
 * be the same there, down to which elements there are.
 */
export function useNow(everyMs: number, running = true): number {
  const renderedAt = useContext(RenderedAt)
  const hydrated = useHydrated()
  const [now, setNow] = useState(() => (hydrated ? Date.now() : renderedAt))
  useEffect(() => {
    // Also when it does not run: the page may have been rendered long ago.
    setNow(Date.now())
    if (!running) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs, running])
  return now
}
