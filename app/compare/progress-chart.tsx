import { Panel } from '../_ui/panel.tsx'

const WIDTH = 320
const HEIGHT = 110
const PAD = 10

/** Failing tests at each check of two runs. A is a solid line, B a dashed one; the numbers stand below. */
export function ProgressChart({ a, b }: { a: number[]; b: number[] }) {
  if (a.length + b.length === 0) return null
  const most = Math.max(1, ...a, ...b)
  const steps = Math.max(a.length, b.length, 2) - 1
  const points = (values: number[]) =>
    values.map((value, i) => ({
      x: PAD + (i / steps) * (WIDTH - 2 * PAD),
      y: PAD + (1 - value / most) * (HEIGHT - 2 * PAD),
    }))
  const line = (values: number[]) =>
    points(values)
      .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
      .join(' ')
  return (
    <Panel title="Failing at each check">
      <div className="p-3">
        <svg
          role="img"
          aria-label="Failing tests by check, as in the numbers below"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          className="h-auto w-full"
        >
          <path d={`M${PAD} ${HEIGHT - PAD}H${WIDTH - PAD}`} className="stroke-line" />
          <path d={line(a)} fill="none" strokeWidth="2" className="stroke-info" />
          <path d={line(b)} fill="none" strokeWidth="2" strokeDasharray="5 4" className="stroke-text" />
          {points(a).map(({ x, y }) => (
            <circle key={x} cx={x} cy={y} r="2.5" className="fill-info" />
          ))}
          {points(b).map(({ x, y }) => (
            <rect key={x} x={x - 2.5} y={y - 2.5} width="5" height="5" className="fill-text" />
          ))}
        </svg>
        <dl className="mt-2 space-y-1 text-xs">
          {[['A', 'solid, round', a] as const, ['B', 'dashed, square', b] as const].map(
            ([name, look, values]) => (
              <div key={name} className="flex gap-2">
                <dt className="whitespace-nowrap">
                  <span className="font-medium">{name}</span> <span className="text-muted">({look})</span>
                </dt>
                <dd className="min-w-0 text-muted">
                  {values.length > 0 ? values.join(', ') : 'not counted'}
                </dd>
              </div>
            ),
          )}
        </dl>
      </div>
    </Panel>
  )
}
