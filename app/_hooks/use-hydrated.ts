import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** False on the server and in the first paint: for what depends on the reader's browser. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
