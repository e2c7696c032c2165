import clsx from 'clsx'
import { ArrowDownRight, ArrowRight, ArrowUpRight, Shuffle } from 'lucide-react'
import type { Progress } from '#lib/contract/events/shared'
import { sameWords, TREND_WORD } from './progress-words.ts'

const TREND = {
  better: { Icon: ArrowUpRight, tone: 'text-ok' },
  worse: { Icon: ArrowDownRight, tone: 'text-err' },
  mixed: { Icon: Shuffle, tone: 'text-warn' },
  same: { Icon: ArrowRight, tone: 'text-muted' },
} as const

/** Which way it went; nothing where checks cannot be compared. */
export function TrendIcon({ trend, className }: { trend: Progress['trend']; className?: string }) {
  if (trend === 'unknown') return null
  const { Icon, tone } = TREND[trend]
  return (
    <span className={clsx('inline-flex items-center', tone, className)} title={TREND_WORD[trend]}>
      <Icon aria-hidden className="size-3.5" />
      <span className="sr-only">{TREND_WORD[trend]}</span>
    </span>
  )
}

/** `↗ ▲ 3 fixed ▼ 1 newly failing · same for 3 checks`. */
export function ProgressMarks({ progress }: { progress: Progress }) {
  const { fixed, newly_failing, trend } = progress
  const same = sameWords(progress)
  return (
    <span className="flex items-center gap-2">
      <TrendIcon trend={trend} />
      {fixed.length > 0 && (
        <span className="text-ok">
          <span aria-hidden>▲ </span>
          {fixed.length} fixed
        </span>
      )}
      {newly_failing.length > 0 && (
        <span className="font-medium text-err">
          <span aria-hidden>▼ </span>
          {newly_failing.length} newly failing
        </span>
      )}
      {same && <span className="text-warn">{same}</span>}
    </span>
  )
}
