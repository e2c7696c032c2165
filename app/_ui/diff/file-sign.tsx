import clsx from 'clsx'

const STATUS_SIGN = { added: 'A', modified: 'M', deleted: 'D', renamed: 'R' } as const
const STATUS_TONE = {
  added: 'text-ok',
  modified: 'text-info',
  deleted: 'text-err',
  renamed: 'text-warn',
} as const

/** A letter for what happened to a file; its word for those who cannot see it. */
export function FileSign({ status }: { status: keyof typeof STATUS_SIGN }) {
  return (
    <span
      title={status}
      className={clsx('w-3 shrink-0 text-center font-mono text-mono', STATUS_TONE[status])}
    >
      <span aria-hidden>{STATUS_SIGN[status]}</span>
      <span className="sr-only">{status}</span>
    </span>
  )
}
