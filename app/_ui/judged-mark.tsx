import clsx from 'clsx'
import { Scale } from 'lucide-react'

/** A model decided: said wherever its verdict is shown. */
export function JudgedMark({ long = false, className }: { long?: boolean; className?: string }) {
  return (
    <span
      title="A model decided, not a program: the verdict cannot be repeated"
      className={clsx(
        'inline-flex shrink-0 items-center gap-1 rounded-sm border border-control px-1 text-2xs whitespace-nowrap text-muted',
        className,
      )}
    >
      <Scale aria-hidden className="size-3" />
      {long ? 'judged by a model' : 'judged'}
    </span>
  )
}
