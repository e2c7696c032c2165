'use client'
import { WifiOff } from 'lucide-react'
import { Button } from './button.tsx'
import { useConnection, useLive } from './live-provider.tsx'

/** The server is gone: what is shown is as of then. */
export function OfflineBanner() {
  const { state, since } = useConnection()
  const live = useLive()
  if (state !== 'offline') return null
  const when = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(since)
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-err/40 bg-err-tint px-4 py-1.5 text-err-text"
    >
      <WifiOff aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1">
        The server has not been reachable since {when}; this page is as it was then. Trying again by itself.
        If it was stopped, start it with <code>retrai serve</code>.
      </p>
      <Button onClick={() => live?.retry()}>Try now</Button>
    </div>
  )
}
