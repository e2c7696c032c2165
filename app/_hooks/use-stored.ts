import { useCallback, useSyncExternalStore } from 'react'

/** A string kept in localStorage and shared by all tabs; `fallback` on the server, in the first paint and where storage is barred. */
export function useStored(key: string, fallback: string): [string, (value: string) => void] {
  const read = useCallback(() => {
    const kept = unstored.get(key)
    if (kept !== undefined) return kept
    try {
      return localStorage.getItem(key) ?? fallback
    } catch {
      return fallback
    }
  }, [key, fallback])
  const value = useSyncExternalStore(subscribe, read, () => fallback)
  const write = useCallback(
    (next: string) => {
      try {
        localStorage.setItem(key, next)
        unstored.delete(key)
      } catch {
        unstored.set(key, next)
      }
      window.dispatchEvent(new Event(CHANGED))
    },
    [key],
  )
  return [value, write]
}

/** Where storage is barred or full, what was written lasts as long as the page: a field must take what is typed. */
const unstored = new Map<string, string>()

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
