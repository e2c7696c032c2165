'use client'
import clsx from 'clsx'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { isFinal } from '#lib/client/status'
import type { IterationFacts } from '#lib/contract/run-view'
import type { RunStatus } from '#lib/contract/runs'
import { useNow } from '../../_hooks/use-now.ts'
import { ProgressMarks } from './progress-marks.tsx'
import { checkTone, checkWords, goingWord, isRefused, iterationWords } from './row-words.ts'

/** The story of an iteration in one line. Press it to fold its rows away. */
export function IterationHeader({
  iteration,
  facts,
  isFolded,
  status,
  isSelected,
  isCopy,
  rowKey,
  onToggle,
}: {
  iteration: number
  facts: IterationFacts | undefined
  isFolded: boolean
  status: RunStatus
  isSelected?: boolean
  /** The one that sticks to the top repeats one of the list. */
  isCopy?: boolean
  rowKey: string
  onToggle(key: string): void
}) {
  const isLive = !isFinal(status)
  const going = facts ? goingWord(facts, status) : null
  const now = useNow(1000, isLive && facts?.endedAt === null)
  const Chevron = isFolded ? ChevronRight : ChevronDown
  const check = facts && checkWords(facts)
  const words = facts
    ? iterationWords(facts, isLive ? now / 1000 : lastKnown(facts)).slice(check ? 1 : 0)
    : ['not loaded']
  return (
    <button
      type="button"
      aria-expanded={!isFolded}
      aria-hidden={isCopy}
      data-row={isCopy ? undefined : rowKey}
      tabIndex={isSelected && !isCopy ? 0 : -1}
      onClick={() => onToggle(rowKey)}
      className={clsx(
        'flex h-9 w-full items-center gap-2 border-b bg-panel px-2 text-left whitespace-nowrap',
        'hover:bg-raised focus-visible:outline-offset-[-2px]',
        isSelected && 'bg-raised',
      )}
    >
      <Chevron aria-hidden className="size-3.5 shrink-0 text-muted" />
      <span className="shrink-0 font-semibold">Iteration {iteration}</span>
      <span className="flex min-w-0 items-center gap-2 overflow-hidden text-muted" suppressHydrationWarning>
        {check && <span className={clsx('font-medium', checkTone(facts))}>{check}</span>}
        {facts?.progress && !(facts.check && isRefused(facts.check)) && (
          <ProgressMarks progress={facts.progress} />
        )}
        {words.map(word => (
          <span
            key={word}
            className="before:mr-2 before:text-control before:content-['·']"
            suppressHydrationWarning
          >
            {word}
          </span>
        ))}
        {!check && going && <span className={status === 'running' ? 'text-info' : 'text-warn'}>{going}</span>}
      </span>
    </button>
  )
}

/** An iteration that was cut off has no end of its own: its sums stand, its time is not guessed. */
const lastKnown = (facts: IterationFacts) => facts.endedAt ?? facts.startedAt
