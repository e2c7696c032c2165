import { useState } from 'react'
import { useHydrated } from '../_hooks/use-hydrated.ts'
import { useNoticeSettings } from '../_hooks/use-notice-settings.ts'
import { Button } from '../_ui/button.tsx'
import { chime } from '../_ui/chime.ts'
import { canNotify } from '../_ui/notifier.tsx'
import { Notice } from '../_ui/panel.tsx'
import { Switch } from '../_ui/switch.tsx'

/** What is told, and how. Title and icon of the tab always tell that somebody is waited for. */
export function NoticeSettingsForm() {
  const [settings, set] = useNoticeSettings()
  const [refused, setRefused] = useState(false)
  const isPossible = useHydrated() ? canNotify() : true

  async function allow(on: boolean) {
    if (!on) return set({ desktop: false })
    const answer = await Notification.requestPermission()
    setRefused(answer !== 'granted')
    set({ desktop: answer === 'granted' })
  }

  return (
    <div className="space-y-6">
      <fieldset className="space-y-3">
        <legend className="mb-2 text-muted">Tell me when</legend>
        <Switch checked={settings.gates} onChange={gates => set({ gates })} label="A run needs me" />
        <Switch checked={settings.ends} onChange={ends => set({ ends })} label="A run ends" />
        <Switch
          checked={settings.progress}
          onChange={progress => set({ progress })}
          label="A check has fewer failing tests"
        />
      </fieldset>
      <fieldset className="space-y-3">
        <legend className="mb-2 text-muted">By</legend>
        {isPossible ? (
          <Switch
            checked={settings.desktop}
            onChange={on => void allow(on)}
            label="A notification of the desktop"
            description="The browser asks you once. Pressing one leads to the gate or the run. One tab rings, however many are open."
          />
        ) : (
          <Notice tone="warn">
            Notifications of the desktop need HTTPS or this machine’s own address. Title and icon of the tab
            still tell, and a webhook tells where no page is open.
          </Notice>
        )}
        {refused && (
          <div role="alert">
            <Notice tone="warn">
              The browser does not allow notifications of this page: change that where it keeps the settings
              of the site, then try again.
            </Notice>
          </div>
        )}
        <div className="flex flex-wrap items-start gap-3">
          <Switch checked={settings.sound} onChange={sound => set({ sound })} label="A short sound" />
          {settings.sound && <Button onClick={chime}>Play it</Button>}
        </div>
      </fieldset>
      <p className="text-muted">
        Title and icon of the tab always show how many runs need you. From a script: <code>retrai wait</code>{' '}
        ends with 8 when a run waits for a person.
      </p>
    </div>
  )
}
