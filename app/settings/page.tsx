import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { runtime } from '#lib/runtime'
import { asDensity, asTheme, DENSITY_COOKIE, THEME_COOKIE } from '../_ui/theme.ts'
import { SettingsPage } from './settings-page.tsx'

export const metadata: Metadata = { title: 'Settings' }

export default async function Page() {
  const kept = await cookies()
  const { needs_token } = await runtime().info()
  return (
    <SettingsPage
      theme={asTheme(kept.get(THEME_COOKIE)?.value)}
      density={asDensity(kept.get(DENSITY_COOKIE)?.value)}
      needsToken={needs_token}
    />
  )
}
