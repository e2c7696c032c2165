'use client'
import clsx from 'clsx'
import { Monitor, Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { THEME_COOKIE, THEMES, type Theme } from './theme.ts'

const LOOKS = {
  system: { icon: Monitor, label: 'As the system' },
  light: { icon: Sun, label: 'Light' },
  dark: { icon: Moon, label: 'Dark' },
}

function apply(theme: Theme) {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=lax`
}

/** Three choices side by side; for the rail. */
export function ThemeSwitch({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial)
  return (
    <fieldset className="flex w-fit gap-0.5 rounded-md border p-0.5 max-lg:flex-col">
      <legend className="sr-only">Theme</legend>
      {THEMES.map(t => {
        const { icon: Icon, label } = LOOKS[t]
        return (
          <button
            key={t}
            type="button"
            aria-pressed={theme === t}
            aria-label={label}
            title={`Theme: ${label.toLowerCase()}`}
            onClick={() => {
              setTheme(t)
              apply(t)
            }}
            className={clsx(
              'grid size-6 place-items-center rounded-sm coarse:size-11',
              theme === t ? 'bg-raised text-text' : 'text-muted hover:text-text',
            )}
          >
            <Icon aria-hidden className="size-3.5" />
          </button>
        )
      })}
    </fieldset>
  )
}
