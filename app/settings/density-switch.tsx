import clsx from 'clsx'
import { useState } from 'react'
import { DENSITIES, DENSITY_COOKIE, type Density } from '../_ui/theme.ts'

const WORDS: Record<Density, string> = { comfortable: 'Comfortable', compact: 'Tight' }

/** How tall the rows of lists are. Where fingers are used they stay as tall as fingers need. */
export function DensitySwitch({ initial }: { initial: Density }) {
  const [density, setDensity] = useState(initial)
  return (
    <fieldset className="flex w-fit gap-0.5 rounded-md border p-0.5">
      <legend className="sr-only">Height of rows</legend>
      {DENSITIES.map(d => (
        <button
          key={d}
          type="button"
          aria-pressed={density === d}
          onClick={() => {
            setDensity(d)
            document.documentElement.dataset.density = d
            // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
            document.cookie = `${DENSITY_COOKIE}=${d}; path=/; max-age=31536000; samesite=lax`
          }}
          className={clsx(
            'h-6 rounded-sm px-2 coarse:h-11',
            density === d ? 'bg-raised text-text' : 'text-muted hover:text-text',
          )}
        >
          {WORDS[d]}
        </button>
      ))}
    </fieldset>
  )
}
