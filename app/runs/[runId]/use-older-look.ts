import { useEffect, useState } from 'react'
import type { RunEvents } from '../../_hooks/run-events.ts'

/** Once it was asked for, goes back page by page until something is found or there is nothing older; for this filter only. */
export function useOlderLook(store: RunEvents, isEmpty: boolean, filter: string) {
  const [wanted, setWanted] = useState<string | null>(null)
  const older = store.older()
  const isWanted = wanted === filter && isEmpty
  useEffect(() => {
    if (isWanted && older === 'more') void store.loadOlder()
  }, [isWanted, older, store])
  return {
    isLooking: isWanted && (older === 'more' || older === 'loading'),
    start: () => setWanted(filter),
  }
}
