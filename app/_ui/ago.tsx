'use client'
import { age, clock } from '#lib/client/format'
import { useNow } from '../_hooks/use-now.ts'

const ABSOLUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** `4 m`, growing; the exact time is its tooltip. */
export function Ago({ at, className }: { at: string; className?: string }) {
  const ms = Date.parse(at)
  const now = useNow(Date.now() - ms < 90_000 ? 1000 : 20_000)
  return (
    // The server's clock and time zone are not the reader's.
    <time dateTime={at} title={ABSOLUTE.format(ms)} className={className} suppressHydrationWarning>
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
