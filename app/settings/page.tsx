import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { runtime } from '#lib/runtime'
import { asDensity, asTheme, DENSITY_COOKIE, THEME_COOKIE } from '../_ui/theme.ts'
import { SettingsPage } from './settings-page.tsx'

export const metadata: Metadata = { title: 'Settings' }

export default async function Page() {
  const kept = await cookies()
  const { info, webhook, redact } = runtime()
  const [server, told] = await Promise.all([info(), webhook?.status() ?? null])
  return (
    <SettingsPage
      theme={asTheme(kept.get(THEME_COOKIE)?.value)}
      density={asDensity(kept.get(DENSITY_COOKIE)?.value)}
      server={redact(server)}
      webhook={told}
    />
  )
}
