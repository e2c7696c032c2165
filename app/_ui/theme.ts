// Theme and density are cookies that the server renders on <html>: no script, no flash.

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const THEME_COOKIE = 'retrai_theme'

export const asTheme = (value: string | undefined): Theme => THEMES.find(t => t === value) ?? 'system'

export const DENSITIES = ['comfortable', 'compact'] as const
export type Density = (typeof DENSITIES)[number]
export const DENSITY_COOKIE = 'retrai_density'

export const asDensity = (value: string | undefined): Density =>
  DENSITIES.find(d => d === value) ?? 'comfortable'
