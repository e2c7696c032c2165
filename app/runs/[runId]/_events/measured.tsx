import clsx from 'clsx'
import type { Measurement } from '#lib/contract/events/shared'
import { visible } from '../../../_ui/visible-text.ts'
import { measured, targetWords } from '../progress-words.ts'

const WIDTH = 96
const HEIGHT = 24
const MAX_SAMPLES = 100

/** What was measured, what was wanted, what it was at the start; the samples as a line, with the target across it. */
export function Measured({ measurement }: { measurement: Measurement }) {
  const { name, value, unit, baseline, target, better } = measurement
  const isMet = better === 'lower' ? value <= target : value >= target
  return (
    <dl className="flex flex-wrap items-center gap-x-5 gap-y-1 [&_dd]:inline [&_dt]:mr-1.5 [&_dt]:inline [&_dt]:text-muted">
      <div>
        <dt>{visible(name.slice(0, 200))}</dt>
        <dd className={clsx('font-semibold', isMet ? 'text-ok' : 'text-warn')}>{measured(value, unit)}</dd>
      </div>
      <div>
        <dt>wanted</dt>
        <dd>{targetWords(measurement)}</dd>
      </div>
      {baseline !== null && (
        <div>
          <dt>at the start</dt>
          <dd>
            {measured(baseline, unit)}
            <Change from={baseline} to={value} better={better} />
          </dd>
        </div>
      )}
      {measurement.samples.length > 1 && (
        <div>
          <dt className="sr-only">samples</dt>
          <dd>
            <Samples measurement={measurement} />
          </dd>
        </div>
      )}
    </dl>
  )
}

function Change({ from, to, better }: { from: number; to: number; better: Measurement['better'] }) {
  const percent = from === 0 ? 0 : Math.round(((to - from) / Math.abs(from)) * 100)
  if (percent === 0) return null
  const isBetter = better === 'lower' ? percent < 0 : percent > 0
  return (
    <span className={isBetter ? 'text-ok' : 'text-err'}>
      {' '}
      ({percent > 0 ? '+' : '−'}
      {Math.abs(percent)} %)
    </span>
  )
}

function Samples({ measurement: { samples, target, unit } }: { measurement: Measurement }) {
  const shown = samples.slice(-MAX_SAMPLES)
  const low = Math.min(...shown, target)
  const span = Math.max(...shown, target) - low || 1
  const x = (i: number) => 2 + (i / (shown.length - 1)) * (WIDTH - 4)
  const y = (value: number) => HEIGHT - 3 - ((value - low) / span) * (HEIGHT - 6)
  return (
    <svg
      role="img"
      aria-label={`Samples: ${shown.map(value => measured(value, unit)).join(', ')}`}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="inline-block align-middle"
    >
      <line
        x1="0"
        x2={WIDTH}
        y1={y(target)}
        y2={y(target)}
        className="stroke-control"
        strokeDasharray="3 3"
      />
      <polyline
        points={shown.map((value, i) => `${x(i)},${y(value)}`).join(' ')}
        fill="none"
        className="stroke-info"
        strokeWidth="1.5"
      />
      {shown.length <= 20 &&
        shown.map((value, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: samples have no identity but their place
          <circle key={i} cx={x(i)} cy={y(value)} r="1.6" className="fill-info" />
        ))}
    </svg>
  )
}
