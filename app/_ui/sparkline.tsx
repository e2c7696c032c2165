import clsx from 'clsx'

const BAR = 3
const GAP = 1

/** Failing tests at each check, oldest first, as bars. The same numbers are its text. */
export function Sparkline({
  values,
  isMet,
  bars = 16,
  height = 16,
  className,
}: {
  values: number[]
  /** Zero failing is green only where it counts: a check may be refused for what was done to it. */
  isMet: boolean
  bars?: number
  height?: number
  className?: string
}) {
  if (values.length === 0) return null
  const shown = values.slice(-bars)
  const max = Math.max(...shown, 1)
  const width = shown.length * (BAR + GAP) - GAP
  return (
    <svg
      role="img"
      aria-label={`Failing at each check: ${values.join(', ')}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={clsx('shrink-0', className)}
    >
      {shown.map((value, i) => {
        // Zero still has a mark: the check ran and nothing failed.
        const tall = value === 0 ? 1.5 : Math.max(2.5, (value / max) * height)
        const last = i === shown.length - 1
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity but their place
            key={i}
            x={i * (BAR + GAP)}
            y={height - tall}
            width={BAR}
            height={tall}
            rx={0.75}
            className={last ? (value === 0 && isMet ? 'fill-ok' : 'fill-text') : 'fill-control'}
          />
        )
      })}
    </svg>
  )
}
