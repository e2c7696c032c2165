import clsx from 'clsx'
import { ChevronDown } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'

const BOX =
  'w-full min-w-0 rounded-md border border-control bg-bg px-2 text-text aria-invalid:border-err ' +
  'disabled:opacity-55 coarse:text-[16px]'

export const INPUT = `${BOX} h-7 coarse:h-11`

export interface FieldIds {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean | undefined
}

/** Label, control, and below it either what is wrong or what helps. The control takes the ids it is given. */
export function Field({
  label,
  hint,
  error,
  className,
  children,
}: {
  label: ReactNode
  hint?: ReactNode
  error?: string | null
  className?: string
  children: (ids: FieldIds) => ReactNode
}) {
  const id = useId()
  const described = error ? `${id}e` : hint ? `${id}h` : undefined
  return (
    <div className={clsx('min-w-0', className)}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p id={`${id}e`} className="mt-1 text-err">
          {error}
        </p>
      ) : (
        hint && (
          <div id={`${id}h`} className="mt-1 text-xs text-muted">
            {hint}
          </div>
        )
      )}
    </div>
  )
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...rest} className={clsx(INPUT, className)} />
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...rest} className={clsx(BOX, 'min-h-16 py-1', className)} />
}

/** The browser's own select: it is right on every device. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={clsx('relative inline-flex min-w-0', className)}>
      <select {...rest} className={clsx(INPUT, 'appearance-none truncate pr-7')}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2 size-3.5 -translate-y-1/2 text-muted"
      />
    </span>
  )
}
