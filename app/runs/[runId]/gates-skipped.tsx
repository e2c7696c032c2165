'use client'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { configureRun } from '#lib/client/endpoints'
import { isFinal } from '#lib/client/status'
import { skippedWords } from '#lib/contract/gate-policy'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'

/** Somebody approved what is still to come: said as long as it holds, with the way to be asked again. */
export function GatesSkipped({ run }: { run: Run }) {
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const cutOff = useCutOff()
  // The iteration at work is one of those to come; the one of the gate that is open was asked about.
  const asked = run.gate ? run.iteration : Math.max(0, run.iteration - (run.phase === null ? 0 : 1))
  const words = skippedWords(run.gates_skipped_until, asked)
  if (words === null || isFinal(run.status) || run.gate_policy.mode === 'off') return null

  async function askAgain() {
    setPending(true)
    setError(null)
    try {
      await call(configureRun, { params: { run_id: run.run_id }, body: { hitl_enabled: true } })
    } catch (cause) {
      setError(messageOf(cause))
    }
    setPending(false)
  }

  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b bg-panel px-3 py-1.5 sm:px-4"
    >
      <span className="min-w-0">A person approved what is to come: {words}.</span>
      <Button onClick={() => void askAgain()} disabled={isPending} blocked={cutOff}>
        Ask again
      </Button>
      {error && (
        <span role="alert" className="text-err">
          {error}
        </span>
      )}
    </div>
  )
}
