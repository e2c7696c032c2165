'use client'
import { age, clock } from '#lib/client/format'
import { useHydrated } from '../_hooks/use-hydrated.ts'
import { useNow } from '../_hooks/use-now.ts'

/** `4 m`, growing; the exact time is its tooltip. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const ms = Date.parse(at)
  const now = useNow(Date.now() - ms < 90_000 ? 1000 : 20_000)
  const hydrated = useHydrated()
  return (
    // The server's clock is not the reader's.
    <time dateTime={at} title={hydrated ? absolute(ms) : at} className={className} suppressHydrationWarning>
      {age(ms, now)}
    </time>
  )
}

/** `00:42`, counting every second since `at`. */
export function Counting({ at, className }: { at: string | number; className?: string }) {
  const now = useNow(1000)
  const ms = typeof at === 'number' ? at : Date.parse(at)
  return (
    <span className={className} suppressHydrationWarning>
      {clock(now - ms)}
    </span>
  )
}

/** In the reader's language and time zone. */
const absolute = (ms: number) =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(ms)
