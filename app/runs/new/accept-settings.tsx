import { useState } from 'react'
import { call } from '#lib/client/call'
import { acceptConfig } from '#lib/client/endpoints'
import type { ProjectSettings } from '#lib/contract/goals'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { Notice } from '../../_ui/panel.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { WrittenFiles } from '../../_ui/written-files.tsx'

/** Settings that came with a project, whole, and the button that accepts exactly these. */
export function AcceptSettings({
  cwd,
  config,
  onAccepted,
}: {
  cwd: string | undefined
  config: ProjectSettings
  onAccepted(): void
}) {
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const cutOff = useCutOff()

  async function accept() {
    setPending(true)
    setError(null)
    try {
      await call(acceptConfig, { body: { cwd, sha256: config.sha256 } })
      onAccepted()
    } catch (cause) {
      setError(messageOf(cause))
    }
    setPending(false)
  }

  return (
    <section aria-label="Settings to accept" className="grid gap-2">
      <Notice tone="warn">
        The settings of this project are new or changed, and say what is run on this machine. Read them before
        you accept them.
      </Notice>
      <WrittenFiles files={[{ path: config.path, content: config.text }]} />
      <div className="flex flex-wrap items-center gap-3">
        <Button onClick={() => void accept()} disabled={isPending} blocked={cutOff}>
          {isPending ? 'Accepting…' : 'Accept and check'}
        </Button>
        {error && (
          <span role="alert" className="text-err">
            {error}
          </span>
        )}
      </div>
    </section>
  )
}
