'use client'
import clsx from 'clsx'
import { useRef } from 'react'
import { nearestWidth, PANES, type Pane, type PaneName, stepWidth } from './panes.ts'

/**
 * The line between a pane and what is beside it. Dragged with a pointer, moved with arrows, opened and closed with Enter;
 * Home and End are the narrowest and the widest.
 */
export function PaneSeparator({
  name,
  label,
  pane,
  side,
  controls,
  onChange,
  className,
}: {
  name: PaneName
  /** What it makes wider: `Width of the inspector`. */
  label: string
  pane: Pane
  /** Where its pane is. */
  side: 'left' | 'right'
  controls: string
  onChange(pane: Pane): void
  className?: string
}) {
  const { widths } = PANES[name]
  const [narrowest, widest] = [widths[0], widths.at(-1) ?? widths[0]]
  const drag = useRef<{ from: number; width: number } | null>(null)
  const wider = side === 'left' ? 'ArrowRight' : 'ArrowLeft'
  const narrower = side === 'left' ? 'ArrowLeft' : 'ArrowRight'

  function onKeyDown(event: React.KeyboardEvent) {
    const { width } = pane
    const to: Record<string, Pane> = {
      [wider]: { width: pane.open ? stepWidth(name, width, 1) : width, open: true },
      [narrower]: { width: stepWidth(name, width, -1), open: pane.open },
      Home: { width: narrowest, open: true },
      End: { width: widest, open: true },
      Enter: { width, open: !pane.open },
    }
    const next = to[event.key]
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    onChange(next)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes no keys and no pointer
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-controls={pane.open ? controls : undefined}
      aria-valuemin={0}
      aria-valuemax={widest}
      aria-valuenow={pane.open ? pane.width : 0}
      aria-valuetext={pane.open ? `${pane.width} pixels` : 'closed'}
      title={`${label}: drag, or arrow keys; Enter ${pane.open ? 'closes' : 'opens'} it`}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onChange({ width: PANES[name].usual, open: true })}
      onPointerDown={event => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { from: event.clientX, width: pane.open ? pane.width : narrowest }
      }}
      onPointerMove={event => {
        if (!drag.current) return
        const by = (event.clientX - drag.current.from) * (side === 'left' ? 1 : -1)
        if (by === 0) return
        const width = nearestWidth(name, drag.current.width + by)
        if (width !== pane.width || !pane.open) onChange({ width, open: true })
      }}
      onPointerUp={() => {
        drag.current = null
      }}
      onPointerCancel={() => {
        drag.current = null
      }}
      className={clsx(
        'relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-line select-none hover:bg-accent focus-visible:bg-accent focus-visible:outline-offset-0',
        // A line is too thin to hit: what can be grabbed is wider, over both sides.
        'after:absolute after:inset-y-0 after:-inset-x-1.5 coarse:after:-inset-x-3',
        className,
      )}
    />
  )
}
