import { Columns3 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import {
  COLUMNS_COOKIE,
  RUN_COLUMNS,
  type RunColumn,
  toggleColumn,
  USUAL_COLUMNS,
  writeColumns,
} from '#lib/client/run-columns'
import { Button } from '../../_ui/button.tsx'

/** Which columns are shown. Status and goal always are. Escape closes it and gives the focus back. */
export function ColumnsMenu({
  columns,
  onChange,
}: {
  columns: readonly RunColumn[]
  onChange(columns: RunColumn[]): void
}) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isOpen) return
    root.current?.querySelector('input')?.focus()
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false) // an event's target on a page is a node
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      // It means this here, and not what the page does by the same key.
      event.stopPropagation()
      setOpen(false)
      root.current?.querySelector('button')?.focus()
    }
    document.addEventListener('keydown', closeByKey, true)
    return () => {
      document.removeEventListener('keydown', closeByKey, true)
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
    }
  }, [isOpen])

  function choose(next: RunColumn[]) {
    onChange(next)
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
    document.cookie = `${COLUMNS_COOKIE}=${writeColumns(next)}; path=/; max-age=31536000; samesite=lax`
  }

  return (
    <div ref={root} className="relative ml-auto hidden @2xl:block">
      <Button
        aria-expanded={isOpen}
        icon={<Columns3 aria-hidden className="size-3.5" />}
        onClick={() => setOpen(!isOpen)}
      >
        Columns
      </Button>
      {isOpen && (
        <fieldset className="absolute right-0 z-30 mt-1 w-44 rounded-md border bg-bg p-1 shadow-pop">
          <legend className="sr-only">Columns</legend>
          {RUN_COLUMNS.map(({ id, title }) => (
            <label
              key={id}
              className="flex h-7 items-center gap-2 rounded-sm px-2 hover:bg-raised coarse:h-11"
            >
              <input
                type="checkbox"
                checked={columns.includes(id)}
                onChange={() => choose(toggleColumn(columns, id))}
                className="size-3.5 accent-accent coarse:size-5"
              />
              {title}
            </label>
          ))}
          <Button kind="quiet" className="mt-1 w-full" onClick={() => choose([...USUAL_COLUMNS])}>
            The usual ones
          </Button>
        </fieldset>
      )}
    </div>
  )
}
