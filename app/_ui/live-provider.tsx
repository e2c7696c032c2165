'use client'
// Holds the tab's one live connection, and what the frame shows on every page: the runs that have not ended.
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { type ActiveRuns, createActiveRuns } from '#lib/client/active-runs'
import { createBrowserLive } from '#lib/client/browser-live'
import type { Connection } from '#lib/client/connection'
import type { Live } from '#lib/client/live'
import type { Spend } from '#lib/contract/live'
import type { RunSummary } from '#lib/contract/runs'
import { RenderedAt } from '../_hooks/use-now.ts'

interface Shared {
  live: Live | null
  active: ActiveRuns
}

const Context = createContext<Shared | null>(null)

/** Before the connection exists: on the server and in the first paint. */
const CONNECTING: Connection = { state: 'connecting', since: 0, version: null }
const NO_CONNECTION = { subscribe: () => () => {}, get: () => CONNECTING }

const NO_SPEND = { subscribe: () => () => {}, get: () => null }

export function LiveProvider({
  initialActive,
  renderedAt,
  children,
}: {
  initialActive: RunSummary[]
  /** The server's time (ms). */
  renderedAt: number
  children: ReactNode
}) {
  const [active] = useState(() => createActiveRuns(initialActive))
  const [live, setLive] = useState<Live | null>(null)
  useEffect(() => {
    const made = createBrowserLive()
    const stop = made.watchRuns({ onRun: active.update, onResync: active.refetch })
    setLive(made)
    return () => {
      stop()
      made.close()
    }
  }, [active])
  return (
    <Context value={{ live, active }}>
      <RenderedAt value={renderedAt}>{children}</RenderedAt>
    </Context>
  )
}

function useShared(): Shared {
  const shared = useContext(Context)
  if (!shared) throw new Error('This component stands outside LiveProvider (app/layout.tsx)')
  return shared
}

/** null until the page is hydrated. */
export function useLive(): Live | null {
  return useShared().live
}

export function useConnection(): Connection {
  const { live } = useShared()
  const store = live?.connection ?? NO_CONNECTION
  return useSyncExternalStore(store.subscribe, store.get, NO_CONNECTION.get)
}

/** What was spent today, as it changes; null until the connection has said it. */
export function useSpend(): Spend | null {
  const { live } = useShared()
  const store = live?.spend ?? NO_SPEND
  return useSyncExternalStore(store.subscribe, store.get, NO_SPEND.get)
}

/** The runs that have not ended, newest first; live. */
export function useActiveRuns(): RunSummary[] {
  const { active } = useShared()
  return useSyncExternalStore(active.subscribe, active.get, active.get)
}
