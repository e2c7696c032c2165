'use client'
import clsx from 'clsx'
import { Select } from '../../_ui/field.tsx'

/** Of an iteration: what it changed itself, or also what those before it did. */
export function DiffScopeChoice({
  iteration,
  from,
  onChange,
}: {
  iteration: number
  /** The first iteration that counts; null: only this one. */
  from: number | null
  onChange(from: number | null): void
}) {
  const shape = 'h-6 rounded-sm px-2 coarse:h-11'
  const between = Array.from({ length: Math.max(0, iteration - 2) }, (_, i) => iteration - 1 - i)
  const isBetween = from !== null && from > 1
  return (
    <div className="flex flex-wrap items-center gap-2">
      <fieldset className="flex rounded-md border border-control p-px">
        <legend className="sr-only">Changes of</legend>
        <button
          type="button"
          aria-pressed={from === null}
          onClick={() => onChange(null)}
          className={clsx(shape, from === null ? 'bg-raised font-medium' : 'text-muted')}
        >
          Iteration {iteration}
        </button>
        <button
          type="button"
          aria-pressed={from === 1}
          onClick={() => onChange(1)}
          className={clsx(shape, from === 1 ? 'bg-raised font-medium' : 'text-muted')}
        >
          Since the start
        </button>
      </fieldset>
      {between.length > 0 && (
        <Select
          aria-label="Changes since an iteration"
          value={isBetween ? from : ''}
          onChange={event => onChange(event.target.value === '' ? null : Number(event.target.value))}
        >
          <option value="">since iteration …</option>
          {between.map(n => (
            <option key={n} value={n}>
              since iteration {n}
            </option>
          ))}
        </Select>
      )}
    </div>
  )
}
