'use client'
import { clock } from '#lib/client/format'
import { Ago } from '../../_ui/ago.tsx'

/** What the time of a row says; one key goes through them. */
export const TIMES = {
  elapsed: 'Times since the start',
  clock: 'Times of the clock',
  ago: 'How long ago',
} as const
export type TimeMode = keyof typeof TIMES

const ORDER: TimeMode[] = ['elapsed', 'clock', 'ago']
export const nextTime = (mode: TimeMode): TimeMode =>
  ORDER[(ORDER.indexOf(mode) + 1) % ORDER.length] ?? 'elapsed'
export const asTime = (value: string): TimeMode => ORDER.find(mode => mode === value) ?? 'elapsed'

/** `at` in seconds, the run's start in ms. */
export function TimeLabel({ at, startedAt, mode }: { at: number; startedAt: number; mode: TimeMode }) {
  return (
    <span
      className="hidden text-right font-mono text-2xs whitespace-nowrap text-muted @2xl:block"
      suppressHydrationWarning
    >
      {mode === 'ago' ? (
        <Ago at={new Date(at * 1000).toISOString()} />
      ) : mode === 'clock' ? (
        new Date(at * 1000).toLocaleTimeString([], { hour12: false })
      ) : (
        clock(at * 1000 - startedAt)
      )}
    </span>
  )
}
