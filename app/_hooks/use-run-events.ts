'use client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { fetchEvents } from '#lib/client/fetch-events'
import { useLive } from '../_ui/live-provider.tsx'
import { createRunEvents, type RunEvents, type RunEventsSeed } from './run-events.ts'

/** The store of a run's events; the component renders again when it changes. */
export function useRunEvents(runId: string, seed: RunEventsSeed): RunEvents {
  const live = useLive()
  const [store] = useState(() =>
    createRunEvents(runId, seed, {
      fetchPage: query => fetchEvents(runId, query),
      schedule: nextDrain,
    }),
  )
  useSyncExternalStore(store.subscribe, store.version, store.version)
  useEffect(() => (live ? store.start(live) : undefined), [live, store])
  return store
}

/** While nobody looks, animation frames do not come; title and notifications still must. */
const HIDDEN_MS = 1000

/** The next frame, or a timer while the tab is hidden; a tab hidden in between is not left waiting for its frame. */
function nextDrain(callback: () => void): () => void {
  let cancel = arm()
  function arm() {
    if (document.visibilityState === 'hidden') {
      const timer = setTimeout(done, HIDDEN_MS)
      return () => clearTimeout(timer)
    }
    const frame = requestAnimationFrame(done)
    return () => cancelAnimationFrame(frame)
  }
  function rearm() {
    cancel()
    cancel = arm()
  }
  function stop() {
    cancel()
    document.removeEventListener('visibilitychange', rearm)
  }
  function done() {
    stop()
    callback()
  }
  document.addEventListener('visibilitychange', rearm)
  return stop
}
