import clsx from 'clsx'
import type { ReactNode } from 'react'
import { STATUS_WORD } from '#lib/client/status'
import type { RunStatus } from '#lib/contract/runs'

/** Text colour of each status; the shape and the word say the same without it. */
export const STATUS_COLOR: Record<RunStatus, string> = {
  queued: 'text-muted',
  running: 'text-info',
  waiting: 'text-gate',
  paused: 'text-warn',
  achieved: 'text-ok',
  exhausted: 'text-warn',
  failed: 'text-err',
  aborted: 'text-muted',
}

const RING = <circle cx="8" cy="8" r="6" />
const SHAPES: Record<RunStatus, ReactNode> = {
  queued: <circle cx="8" cy="8" r="6" strokeDasharray="1.6 3.112" strokeLinecap="round" />,
  running: (
    <>
      {RING}
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" stroke="none" />
    </>
  ),
  waiting: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="3.5" fill="currentColor" stroke="none" />
      <path
        d="M5.4 9V5.6M7.2 8V4.2M9 8V4.2M10.8 8.6V5.4M10.8 8.4c0 2.6-1.2 3.9-2.9 3.9-1.6 0-2.3-.8-3-2.3L4 8.6"
        stroke="var(--color-bg)"
        strokeWidth="1.35"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  paused: (
    <>
      {RING}
      <path d="M6.4 5.6v4.8M9.6 5.6v4.8" strokeLinecap="round" />
    </>
  ),
  achieved: (
    <>
      {RING}
      <path d="m5.4 8.2 1.8 1.8 3.4-3.8" strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  exhausted: (
    <>
      <rect x="1.5" y="4.5" width="11" height="7" rx="1.8" />
      <path d="M14.6 7v2M4 6.8v2.4" strokeLinecap="round" />
    </>
  ),
  failed: (
    <>
      <path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4z" strokeLinejoin="round" />
      <path d="m6 6 4 4M10 6l-4 4" strokeLinecap="round" />
    </>
  ),
  aborted: <rect x="3" y="3" width="10" height="10" rx="1.5" />,
}

/** One shape per status. Decorative: put the word beside it. `still`: does not turn, where no single run is meant. */
export function StatusIcon({
  status,
  still = false,
  className,
}: {
  status: RunStatus
  still?: boolean
  className?: string
}) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="14"
      height="14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
      className={clsx(
        'shrink-0',
        STATUS_COLOR[status],
        status === 'running' && !still && 'motion-safe:animate-turn',
        className,
      )}
    >
      {SHAPES[status]}
    </svg>
  )
}

/** Shape and word. `detail` follows in a quieter voice: the phase of a running run. */
export function StatusBadge({
  status,
  detail,
  className,
}: {
  status: RunStatus
  detail?: string | null
  className?: string
}) {
  return (
    <span className={clsx('inline-flex min-w-0 items-center gap-1.5 whitespace-nowrap', className)}>
      <StatusIcon status={status} />
      <span className={clsx('font-medium', STATUS_COLOR[status])}>{STATUS_WORD[status]}</span>
      {detail && <span className="truncate text-muted">{detail}</span>}
    </span>
  )
}
