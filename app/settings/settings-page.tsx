'use client'
import type { ReactNode } from 'react'
import { Main } from '../_ui/main.tsx'
import { Snippet } from '../_ui/snippet.tsx'
import type { Density, Theme } from '../_ui/theme.ts'
import { ThemeSwitch } from '../_ui/theme-switch.tsx'
import { TopBar } from '../_ui/top-bar.tsx'
import { DensitySwitch } from './density-switch.tsx'
import { KeySettings } from './key-settings.tsx'
import { NoticeSettingsForm } from './notice-settings.tsx'
import { PresetSettings } from './preset-settings.tsx'

/** What a person may choose. All of it is kept in this browser; what the server does is set where it is started. */
export function SettingsPage({
  theme,
  density,
  needsToken,
}: {
  theme: Theme
  density: Density
  needsToken: boolean
}) {
  return (
    <>
      <TopBar crumbs={[{ label: 'Settings' }]} />
      <Main>
        <div className="mx-auto max-w-3xl space-y-10 p-4 pb-16 sm:p-6">
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
          </Section>
          <Section id="keys" title="Keys">
            <KeySettings />
          </Section>
          <Section id="presets" title="Presets of new runs">
            <PresetSettings />
          </Section>
          <Section id="access" title="Access">
            {needsToken ? (
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
        </div>
      </Main>
    </>
  )
}

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
