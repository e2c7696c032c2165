import { useHydrated } from './use-hydrated.ts'

/** Whether ⌘ is the key of commands; false until the page is hydrated. */
export function useIsMac(): boolean {
  return useHydrated() && /mac|iphone|ipad/i.test(navigator.platform)
}
