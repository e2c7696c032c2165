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
    <div className="flex items-start gap-3">
      <button
        type="button"
        role="switch"
        aria-checked={checked}
        aria-labelledby={`${id}l`}
        aria-describedby={description ? `${id}d` : undefined}
        onClick={() => onChange(!checked)}
        className={clsx(
          'relative mt-px h-6 w-10 shrink-0 rounded-full border border-control transition-colors',
          checked ? 'bg-accent' : 'bg-raised',
        )}
      >
        <span
          aria-hidden
          data-fill
          className={clsx(
            'absolute top-[3px] size-4 rounded-full transition-[left]',
            checked ? 'left-[19px] bg-on-accent' : 'left-[3px] bg-control',
          )}
        />
      </button>
      <div>
        <div id={`${id}l`} className="font-medium">
          {label}
        </div>
        {description && (
          <div id={`${id}d`} className="text-muted">
            {description}
          </div>
        )}
      </div>
    </div>
  )
}
