import type { EventOf } from '#lib/contract/event'

const HEIGHT = 84
const PAD = 14
const MAX_POINTS = 200

/** Failing tests at each check, as a step line; the list below it is its text. Nothing for goals without counts. */
export function TrendChart({ checks }: { checks: EventOf<'goal_check'>[] }) {
  const points = checks
    .flatMap(check =>
      check.payload.tests ? [{ iteration: check.iteration, failed: check.payload.tests.failed }] : [],
    )
    .slice(-MAX_POINTS)
  if (points.length < 2) return null
  const most = Math.max(1, ...points.map(point => point.failed))
  const step = 100 / (points.length - 1)
  const y = (failed: number) => PAD + (1 - failed / most) * (HEIGHT - 2 * PAD)
  const line = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${i * step} ${y(point.failed)}`).join(' ')
  return (
    <figure className="mb-3 rounded-lg border px-3 pt-2 pb-1">
      <figcaption className="flex text-xs text-muted">
        Failing tests by check
        <span className="ml-auto">
          {points[0]?.failed} → {points.at(-1)?.failed}
        </span>
      </figcaption>
      <div className="relative mt-1.5 px-2">
        <svg
          role="img"
          aria-label={`Failing at each check: ${points.map(point => point.failed).join(', ')}`}
          viewBox={`0 0 100 ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-21 w-full overflow-visible"
        >
          <line
            x1="0"
            x2="100"
            y1={y(0)}
            y2={y(0)}
            className="stroke-line"
            strokeDasharray="3 3"
            vectorEffect="non-scaling-stroke"
          />
          <path
            d={line}
            fill="none"
            className="stroke-info"
            strokeWidth="1.5"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
        {points.length <= 40 && (
          // Not in the svg above, which is stretched.
          <svg aria-hidden className="absolute inset-x-2 top-0 h-21 w-[calc(100%-1rem)] overflow-visible">
            {points.map((point, i) => (
              <text
                // biome-ignore lint/suspicious/noArrayIndexKey: points have no identity but their place
                key={i}
                x={`${i * step}%`}
                y={y(point.failed) - 4}
                textAnchor="middle"
                className="fill-muted text-2xs"
              >
                {point.failed}
              </text>
            ))}
          </svg>
        )}
      </div>
    </figure>
  )
}
