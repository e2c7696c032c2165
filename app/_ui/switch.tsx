import clsx from 'clsx'
import { useId } from 'react'

/** On or off, with its words beside it. */
export function Switch({
  checked,
  onChange,
  label,
  description,
}: {
  checked: boolean
  onChange: (on: boolean) => void
  label: string
  description?: string
}) {
  const id = useId()
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-labelledby={`${id}l`}
      aria-describedby={description ? `${id}d` : undefined}
      onClick={() => onChange(!checked)}
      className="flex min-h-6 items-start gap-3 rounded-md text-left coarse:min-h-11"
    >
      <span
        aria-hidden
        className={clsx(
          'relative mt-px h-5 w-9 shrink-0 rounded-full border border-control transition-colors',
          checked ? 'bg-accent' : 'bg-raised',
        )}
      >
        <span
          data-fill
          className={clsx(
            'absolute top-[2px] size-3.5 rounded-full transition-[left]',
            checked ? 'left-[18px] bg-on-accent' : 'left-[2px] bg-control',
          )}
        />
      </span>
      <span>
        <span id={`${id}l`} className="block font-medium">
          {label}
        </span>
        {description && (
          <span id={`${id}d`} className="block text-muted">
            {description}
          </span>
        )}
      </span>
    </button>
  )
}
