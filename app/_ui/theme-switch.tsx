'use client'
import clsx from 'clsx'
import { Monitor, Moon, Sun } from 'lucide-react'
import { useEffect, useState } from 'react'
import { asTheme, THEME_COOKIE, THEMES, type Theme } from './theme.ts'

export const THEME_WORDS: Record<Theme, string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
}

const ICONS = {
  system: Monitor,
  light: Sun,
  dark: Moon,
}

export function applyTheme(theme: Theme) {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain HTTP
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=lax`
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: theme }))
}

const CHANGED = 'retrai:theme'

/** The rail, the settings and the palette all choose it. */
function useTheme(initial: Theme): Theme {
  const [theme, setTheme] = useState(initial)
  useEffect(() => {
    const follow = (event: Event) => {
      if (event instanceof CustomEvent) setTheme(asTheme(event.detail))
    }
    window.addEventListener(CHANGED, follow)
    return () => window.removeEventListener(CHANGED, follow)
  }, [])
  return theme
}

/** Three choices; `isWide`: side by side also where the rail is narrow. */
export function ThemeSwitch({ initial, isWide = false }: { initial: Theme; isWide?: boolean }) {
  const theme = useTheme(initial)
  return (
    <fieldset className={clsx('flex w-fit gap-0.5 rounded-md border p-0.5', !isWide && 'max-lg:flex-col')}>
      <legend className="sr-only">Theme</legend>
      {THEMES.map(t => {
        const Icon = ICONS[t]
        const label = THEME_WORDS[t]
        return (
          <button
            key={t}
            type="button"
            aria-pressed={theme === t}
            aria-label={label}
            title={`Theme: ${label.toLowerCase()}`}
            onClick={() => {
              applyTheme(t)
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
