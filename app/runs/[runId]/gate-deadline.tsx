'use client'
import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { configureRun } from '#lib/client/endpoints'
import { clock } from '#lib/client/format'
import type { EventOf } from '#lib/contract/event'
import { decisionUnseen, type GatePolicy, minutesWords } from '#lib/contract/gate-policy'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { useNow } from '../../_hooks/use-now.ts'
import { Button } from '../../_ui/button.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'

const VERBS = { approve: 'approved', deny: 'denied', abort: 'aborted' } as const
/** Told to those who hear the page, at these minutes before the end. */
const TOLD_AT = [5, 1]
const MORE_MINUTES = 30
const MOST_MINUTES = 10_080

/** What becomes of the gate if nobody answers, and when; nothing where it waits for ever. */
export function GateDeadline({ run, gate }: { run: Run; gate: EventOf<'human_check_required'> }) {
  const { timeout_minutes: minutes, on_timeout } = run.gate_policy
  if (minutes === null || on_timeout === 'wait') return null
  const verb = VERBS[decisionUnseen(on_timeout, gate.payload)]
  return <Left run={run} endsAt={gate.ts * 1000 + minutes * 60_000} minutes={minutes} verb={verb} />
}

function Left({ run, endsAt, minutes, verb }: { run: Run; endsAt: number; minutes: number; verb: string }) {
  const now = useNow(1000)
  const leftMs = Math.max(0, endsAt - now)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const cutOff = useCutOff()
  const more = Math.min(MOST_MINUTES, Math.ceil(minutes + MORE_MINUTES))

  async function change(gate_policy: Partial<GatePolicy>) {
    setPending(true)
    setError(null)
    try {
      await call(configureRun, { params: { run_id: run.run_id }, body: { gate_policy } })
    } catch (cause) {
      setError(messageOf(cause))
    }
    setPending(false)
  }

  return (
    <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1">
      <span suppressHydrationWarning>
        {leftMs > 0 ? (
          <>
            If nobody answers it is {verb} in <span className="font-mono">{clock(leftMs)}</span>.
          </>
        ) : (
          `Nobody answered in time: it is ${verb} now.`
        )}
      </span>
      <Button onClick={() => void change({ timeout_minutes: more })} disabled={isPending} blocked={cutOff}>
        {MORE_MINUTES} minutes more
      </Button>
      <Button onClick={() => void change({ on_timeout: 'wait' })} disabled={isPending} blocked={cutOff}>
        Wait for me
      </Button>
      {error && (
        <span role="alert" className="text-err">
          {error}
        </span>
      )}
      <Told leftMs={leftMs} verb={verb} />
    </div>
  )
}

/** At five minutes and at one, once each; not where less was left when the page opened. */
function Told({ leftMs, verb }: { leftMs: number; verb: string }) {
  const mark = TOLD_AT.findLast(minutes => leftMs <= minutes * 60_000) ?? null
  const [first] = useState(mark)
  const [words, setWords] = useState('')
  useEffect(() => {
    if (mark === null) setWords('')
    else if (mark !== first) setWords(`The gate is ${verb} in ${minutesWords(mark)} if nobody answers.`)
  }, [mark, first, verb])
  return (
    <span role="status" className="sr-only">
      {words}
    </span>
  )
}
