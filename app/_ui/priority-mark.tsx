import clsx from 'clsx'
import { priorityWords } from '#lib/client/hold-words'

/** Only where somebody has chosen one. */
export function PriorityMark({ priority, className }: { priority: number; className?: string }) {
  if (priority === 0) return null
  return (
    <span
      className={clsx(
        'shrink-0 rounded-sm border border-line px-1 text-2xs whitespace-nowrap text-muted',
        className,
      )}
      title="Of the runs that wait for a slot the highest priority is next"
    >
      {priorityWords(priority)}
    </span>
  )
}
