import { useCallback, useSyncExternalStore } from 'react'

/** A string kept in localStorage and shared by all tabs; `fallback` on the server, in the first paint and where storage is barred. */
export function useStored(key: string, fallback: string): [string, (value: string) => void] {
  const read = useCallback(() => {
    try {
      return localStorage.getItem(key) ?? fallback
    } catch {
      return fallback // storage is barred in this browser: the choice lasts for no longer than this page
    }
  }, [key, fallback])
  const value = useSyncExternalStore(subscribe, read, () => fallback)
  const write = useCallback(
    (next: string) => {
      try {
        localStorage.setItem(key, next)
      } catch {
        return // see above
      }
      window.dispatchEvent(new Event(CHANGED))
    },
    [key],
  )
  return [value, write]
}

/** `storage` fires only in other tabs. */
const CHANGED = 'retrai:stored'

function subscribe(listener: () => void) {
  window.addEventListener('storage', listener)
  window.addEventListener(CHANGED, listener)
  return () => {
    window.removeEventListener('storage', listener)
    window.removeEventListener(CHANGED, listener)
  }
}
