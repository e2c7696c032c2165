'use client'
import type { ReactNode } from 'react'
import type { ServerInfo } from '#lib/contract/server'
import type { WebhookStatus } from '#lib/contract/webhook'
import { Main } from '../_ui/main.tsx'
import { Snippet } from '../_ui/snippet.tsx'
import type { Density, Theme } from '../_ui/theme.ts'
import { ThemeSwitch } from '../_ui/theme-switch.tsx'
import { TopBar } from '../_ui/top-bar.tsx'
import { DataSettings } from './data-settings.tsx'
import { DensitySwitch } from './density-switch.tsx'
import { KeySettings } from './key-settings.tsx'
import { NoticeSettingsForm } from './notice-settings.tsx'
import { PresetSettings } from './preset-settings.tsx'
import { WebhookSettings } from './webhook-settings.tsx'

/** What a person may choose. All of it is kept in this browser; what the server does is set where it is started. */
export function SettingsPage({
  theme,
  density,
  server,
  webhook,
}: {
  theme: Theme
  density: Density
  server: ServerInfo
  webhook: WebhookStatus | null
}) {
  return (
    <>
      <TopBar crumbs={[{ label: 'Settings' }]} />
      <Main>
        <div className="mx-auto max-w-3xl space-y-10 p-4 pb-16 sm:p-6">
          <nav aria-label="Sections" className="flex flex-wrap gap-x-4 gap-y-1">
            {SECTIONS.map(([id, title]) => (
              <a
                key={id}
                href={`#${id}`}
                className="inline-flex min-h-6 items-center text-accent underline coarse:min-h-11 coarse:min-w-11"
              >
                {title}
              </a>
            ))}
          </nav>
          <p className="text-muted">
            These hold in this browser. What the server may do is set where it is started, by its options and
            variables.
          </p>
          <Section id="appearance" title="Appearance">
            <div className="flex flex-wrap items-center gap-x-8 gap-y-4">
              <div className="flex items-center gap-3">
                <span className="text-muted">Theme</span>
                <ThemeSwitch initial={theme} isWide />
              </div>
              <div className="flex items-center gap-3">
                <span className="text-muted">Rows</span>
                <DensitySwitch initial={density} />
              </div>
            </div>
          </Section>
          <Section id="notifications" title="Notifications">
            <NoticeSettingsForm />
            <h3 className="mt-6 mb-2 text-muted">By webhook, from the server</h3>
            <WebhookSettings initial={webhook} />
          </Section>
          <Section id="keys" title="Shortcuts">
            <KeySettings />
          </Section>
          <Section id="presets" title="Run defaults">
            <PresetSettings />
          </Section>
          <Section id="access" title="Access">
            {server.needs_token ? (
              <p>
                This server wants a token: scripts send it as <code>Authorization: Bearer …</code>, and a
                browser gets in with the address that the server prints when it starts.
              </p>
            ) : (
              <>
                <p className="mb-2">
                  From this machine no token is needed. For access from others, start the server with one:
                </p>
                <Snippet
                  text={'RETRAI_TOKEN="$(openssl rand -hex 24)" retrai serve --host 0.0.0.0'}
                  label="Start the server with a token"
                />
              </>
            )}
          </Section>
          <Section id="data" title="Data">
            <DataSettings server={server} />
          </Section>
        </div>
      </Main>
    </>
  )
}

const SECTIONS = [
  ['appearance', 'Appearance'],
  ['notifications', 'Notifications'],
  ['keys', 'Shortcuts'],
  ['presets', 'Run defaults'],
  ['access', 'Access'],
  ['data', 'Data'],
] as const

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="scroll-mt-4">
      <h2 id={`${id}-title`} className="mb-3 border-b pb-2 text-lg font-semibold">
        {title}
      </h2>
      {children}
    </section>
  )
}
