import clsx from 'clsx'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'

/** A titled box. What it holds decides between content, `Empty`, `Loading` and `Failure`. */
export function Panel({
  title,
  actions,
  className,
  children,
}: {
  title?: ReactNode
  actions?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <section className={clsx('min-w-0 rounded-lg border bg-bg', className)}>
      {(title || actions) && (
        <header className="flex min-h-10 items-center gap-2 border-b px-3 py-1.5">
          <h2 className="min-w-0 flex-1 truncate font-medium">{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  )
}

/** Nothing to show, why, and what to do about it. */
export function Empty({
  title,
  children,
  actions,
}: {
  title: string
  children?: ReactNode
  actions?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-14 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-muted">{children}</div>}
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}

const WIDTHS = ['max-w-[34%]', 'max-w-[51%]', 'max-w-[68%]', 'max-w-[45%]', 'max-w-[62%]']

/** Grey lines where content will be. Shown only when the wait is long enough to be noticed. */
export function Loading({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" className="animate-late p-3">
      <span className="sr-only">{label}…</span>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={i} className="flex h-9 items-center gap-4" aria-hidden="true">
          <div className="h-3 w-20 rounded-sm bg-raised" />
          <div className={clsx('h-3 flex-1 rounded-sm bg-raised', WIDTHS[i % WIDTHS.length])} />
        </div>
      ))}
    </div>
  )
}

/** Something went wrong here: a sentence that says what to do next, and a way to try again. */
export function Failure({
  title,
  detail,
  requestId,
  onRetry,
}: {
  title: string
  detail?: string
  requestId?: string
  onRetry?: () => void
}) {
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-4 py-12 text-center">
      <CircleAlert aria-hidden className="size-5 text-err" />
      <p className="font-medium">{title}</p>
      {detail && <p className="max-w-prose text-muted">{detail}</p>}
      {requestId && <code className="text-muted">request {requestId}</code>}
      {onRetry && (
        <Button className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** A sentence that stays until it is no longer true. */
export function Notice({
  tone = 'info',
  children,
  className,
}: {
  tone?: 'info' | 'warn' | 'err' | 'gate'
  children: ReactNode
  className?: string
}) {
  const tones = {
    info: 'border-line bg-panel text-text',
    warn: 'border-gate/40 bg-gate-tint text-gate-text',
    err: 'border-err/40 bg-err-tint text-err-text',
    gate: 'border-gate/40 bg-gate-tint text-gate-text',
  }
  return <div className={clsx('rounded-md border px-3 py-2', tones[tone], className)}>{children}</div>
}
