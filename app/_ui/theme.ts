// The theme is a cookie that the server renders as <html data-theme>: no script, no flash.

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const THEME_COOKIE = 'retrai_theme'

export const asTheme = (value: string | undefined): Theme => THEMES.find(t => t === value) ?? 'system'
