import { useState } from 'react'
import { call } from '#lib/client/call'
import { checkModels } from '#lib/client/endpoints'
import type { Finding } from '#lib/client/health'
import { messageOf } from '#lib/errors'
import { Button } from '../_ui/button.tsx'
import { useCutOff } from '../_ui/use-cut-off.ts'
import { FindingRow } from './finding-row.tsx'

/** Who could be asked. Whether one answers is only known once it was asked, which costs no tokens. */
export function ProviderList({ providers }: { providers: Finding[] }) {
  return (
    <ul className="divide-y">
      {providers.map(provider => (
        <Provider key={provider.name} provider={provider} />
      ))}
    </ul>
  )
}

function Provider({ provider }: { provider: Finding }) {
  const [answer, setAnswer] = useState<Finding | null>(null)
  const [isPending, setPending] = useState(false)
  const cutOff = useCutOff()
  const { name } = provider

  async function ask() {
    setPending(true)
    try {
      const { ok, detail, duration_ms } = await call(checkModels, { body: { provider: name } })
      setAnswer({ name, state: ok ? 'ok' : 'bad', detail: `${detail} (${duration_ms} ms)` })
    } catch (error) {
      setAnswer({ name, state: 'bad', detail: messageOf(error) })
    }
    setPending(false)
  }
  return (
    <FindingRow finding={answer ?? provider}>
      <Button
        kind="quiet"
        blocked={cutOff}
        disabled={isPending}
        aria-label={`Test ${name}`}
        onClick={() => void ask()}
      >
        {isPending ? 'Testing…' : answer ? 'Test again' : 'Test'}
      </Button>
    </FindingRow>
  )
}
