'use client'
import { Pause, Play, Square } from 'lucide-react'
import { type Ref, useImperativeHandle, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { resumeRun } from '#lib/client/endpoints'
import { clock } from '#lib/client/format'
import { goesOnWhen, PAUSE_WORDS } from '#lib/client/hold-words'
import type { EventOf } from '#lib/contract/event'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { useHydrated } from '../../_hooks/use-hydrated.ts'
import { useNow } from '../../_hooks/use-now.ts'
import { Button } from '../../_ui/button.tsx'
import { InlineConfirm } from '../../_ui/inline-confirm.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { visible } from '../../_ui/visible-text.ts'

export interface PausedHandle {
  askAbort(): void
}

/** What a paused run waits for, when it goes on by itself, and what a person can do about it. Goes with the pause. */
export function PausedPanel({
  run,
  paused,
  handle,
}: {
  run: Run
  /** Its newest pause; null when that event is not loaded. */
  paused: EventOf<'paused'> | null
  handle: Ref<PausedHandle>
}) {
  const [isAsking, setAsking] = useState(false)
  const [pending, setPending] = useState<'approve' | 'abort' | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const cutOff = useCutOff()
  useImperativeHandle(handle, () => ({ askAbort: () => setAsking(true) }))

  async function decide(decision: 'approve' | 'abort') {
    if (pending) return
    setPending(decision)
    setProblem(null)
    try {
      await call(resumeRun, { params: { run_id: run.run_id }, body: { decision } })
      // The panel goes with the event that follows; until then the buttons stay pressed.
    } catch (error) {
      setPending(null)
      // It has gone on by itself at the same moment: what was asked for.
      const goesOn = error instanceof ProblemError && error.problem.code === 'run_not_waiting'
      if (!goesOn) setProblem(messageOf(error))
    }
  }

  const why = paused ? PAUSE_WORDS[paused.payload.reason] : null
  const detail = paused?.payload.detail ?? run.reason
  return (
    <section
      aria-label="Paused"
      className="flex shrink-0 flex-wrap items-start gap-x-6 gap-y-2 border-b bg-gate-tint px-3 py-2 text-gate-text sm:px-4"
    >
      <div className="min-w-0 flex-1 basis-72">
        <h2 className="flex items-center gap-2">
          <Pause aria-hidden className="size-4 shrink-0" />
          <b className="font-semibold">Paused{why && `: ${lowerFirst(why)}`}</b>
        </h2>
        {paused && (
          <p className="mt-0.5">
            <NextTry paused={paused.payload} />. Nothing is lost: it continues where it stopped.
          </p>
        )}
        {detail && (
          <p className="mt-0.5 line-clamp-3 max-w-[110ch] text-xs">{visible(detail.slice(0, 1000))}</p>
        )}
        {cutOff && <p className="mt-0.5 font-medium">{cutOff}.</p>}
        {problem && (
          <p role="alert" className="mt-1 font-medium text-err-text">
            {problem}
          </p>
        )}
      </div>
      {isAsking ? (
        <InlineConfirm
          question="Abort this run?"
          action="Abort"
          isPending={pending === 'abort'}
          onConfirm={() => void decide('abort')}
          onCancel={() => setAsking(false)}
        />
      ) : (
        <div className="flex items-center gap-2">
          <Button
            icon={<Square aria-hidden className="size-3" />}
            onClick={() => setAsking(true)}
            disabled={pending !== null}
            blocked={cutOff}
          >
            Abort
          </Button>
          <Button
            kind="primary"
            icon={<Play aria-hidden className="size-3.5" />}
            onClick={() => void decide('approve')}
            disabled={pending !== null}
            blocked={cutOff}
          >
            {pending === 'approve' ? 'Resuming…' : 'Resume now'}
          </Button>
        </div>
      )}
    </section>
  )
}

const lowerFirst = (sentence: string) => sentence.slice(0, 1).toLowerCase() + sentence.slice(1)

/** Counted on the screen only: a time that speaks every second would drown everything else. */
function NextTry({ paused }: { paused: EventOf<'paused'>['payload'] }) {
  const now = useNow(1000, paused.retry_at !== null)
  const hydrated = useHydrated()
  const otherwise = goesOnWhen(paused)
  if (otherwise !== null || paused.retry_at === null) return <>{otherwise}</>
  const at = paused.retry_at * 1000
  if (at <= now) return <>It tries again now</>
  return (
    <>
      It tries again by itself
      {/* The server's clock and time zone are not the reader's. */}
      {hydrated && ` at ${new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(at)}`}, in{' '}
      <span className="font-mono" suppressHydrationWarning>
        {clock(at - now)}
      </span>
    </>
  )
}
