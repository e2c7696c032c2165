import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { ACTIVE } from '#lib/client/status'
import { runtime } from '#lib/runtime'
import { LiveProvider } from './_ui/live-provider.tsx'
import { Notifier } from './_ui/notifier.tsx'
import { OfflineBanner } from './_ui/offline-banner.tsx'
import { Rail, TabBar } from './_ui/rail.tsx'
import { ShortcutsProvider } from './_ui/shortcuts-provider.tsx'
import { StatusLine } from './_ui/status-line.tsx'
import { TabMarks } from './_ui/tab-marks.tsx'
import { asDensity, asTheme, DENSITY_COOKIE, THEME_COOKIE } from './_ui/theme.ts'
import './globals.css'

// Every page shows what the runtime holds now.
export const dynamic = 'force-dynamic'

export const metadata: Metadata = {
  title: { default: 'retrAI', template: '%s — retrAI' },
  description: 'Runs of an agent that works on a project until its goal is met',
  robots: { index: false },
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f7f9' },
    { media: '(prefers-color-scheme: dark)', color: '#12151c' },
  ],
}

export default async function Layout({ children }: { children: ReactNode }) {
  const kept = await cookies()
  const theme = asTheme(kept.get(THEME_COOKIE)?.value)
  const density = asDensity(kept.get(DENSITY_COOKIE)?.value)
  const { version, sandbox, runs, spend } = runtime()
  const { runs: active } = await runs.list({ status: ACTIVE.join(','), limit: 200 })
  return (
    <html
      lang="en"
      data-theme={theme === 'system' ? undefined : theme}
      data-density={density}
      suppressHydrationWarning
    >
      <body>
        <LiveProvider initialActive={active} renderedAt={Date.now()}>
          <ShortcutsProvider>
            <TabMarks />
            <Notifier />
            <a
              href="#main"
              className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
            >
              Skip to content
            </a>
            <div className="flex h-dvh flex-col">
              <div className="flex min-h-0 flex-1">
                <Rail theme={theme} />
                <div className="flex min-w-0 flex-1 flex-col">
                  <OfflineBanner />
                  {children}
                </div>
              </div>
              <StatusLine version={version} sandboxed={sandbox.mode !== 'off'} initialSpend={spend()} />
              <TabBar />
            </div>
          </ShortcutsProvider>
        </LiveProvider>
      </body>
    </html>
  )
}
