'use client'
import clsx from 'clsx'
import { clock } from '#lib/client/format'
import { useNow } from '../_hooks/use-now.ts'
import { useConnection, useLive } from './live-provider.tsx'

/** Whether this page is up to date, and since when it is not. Press it to try again at once. */
export function LivePill() {
  const { state, since } = useConnection()
  const live = useLive()
  const now = useNow(1000, state === 'reconnecting' || state === 'offline')
  const gone = clock(now - since)
  const looks = {
    connecting: { dot: 'bg-control', text: 'Connecting' },
    live: { dot: 'bg-ok', text: 'Live' },
    reconnecting: { dot: 'bg-warn', text: `Reconnecting ${gone}` },
    offline: { dot: 'bg-err', text: `Offline ${gone}` },
  }[state]
  const content = (
    <>
      <span aria-hidden data-fill className={clsx('size-2 rounded-full', looks.dot)} />
      <span className={clsx(state === 'live' || state === 'connecting' ? 'text-muted' : 'font-medium')}>
        {looks.text}
      </span>
    </>
  )
  const shape = 'inline-flex h-7 items-center gap-1.5 rounded-full px-2 whitespace-nowrap coarse:h-11'
  if (state === 'live' || state === 'connecting') return <span className={shape}>{content}</span>
  return (
    <button
      type="button"
      title="Try to connect now"
      onClick={() => live?.retry()}
      className={clsx(shape, 'hover:bg-raised')}
    >
      {content}
    </button>
  )
}
