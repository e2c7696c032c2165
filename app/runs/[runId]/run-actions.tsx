'use client'
import { Copy, Link2, MoreHorizontal, RotateCw, Square, Terminal } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { abortRun, rerunRun } from '#lib/client/endpoints'
import { asCurl } from '#lib/client/new-run'
import { isFinal } from '#lib/client/status'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { Button, ButtonLink } from '../../_ui/button.tsx'
import { copyText } from '../../_ui/copy-button.tsx'
import { InlineConfirm } from '../../_ui/inline-confirm.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { Menu, type MenuItem } from './menu.tsx'
import { requestOf } from './same-request.ts'

/** Stop, do it again, pass it on. `onPanelAbort` takes over where a panel asks: that of a gate, or of a pause. */
export function RunActions({
  run,
  origin,
  onPanelAbort,
}: {
  run: Run
  origin: string
  onPanelAbort: (() => void) | null
}) {
  const router = useRouter()
  const [isAsking, setAsking] = useState(false)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const isLive = !isFinal(run.status)
  const cutOff = useCutOff()
  const ask = () => (onPanelAbort ? onPanelAbort() : setAsking(true))

  useShortcuts('page', [
    ...(isLive ? [{ keys: 'Shift+X', does: 'Abort the run', run: ask }] : []),
    {
      keys: 'd',
      does: 'Duplicate the run',
      run: () => router.push(`/runs/new?from=${run.run_id}`),
    },
  ])

  async function abort() {
    setPending(true)
    setError(null)
    try {
      await call(abortRun, { params: { run_id: run.run_id }, body: {} })
      setAsking(false)
    } catch (cause) {
      setError(messageOf(cause))
    }
    setPending(false)
  }

  async function runAgain() {
    setError(null)
    try {
      const started = await call(rerunRun, { params: { run_id: run.run_id }, body: {} })
      router.push(`/runs/${started.run_id}`)
    } catch (cause) {
      setError(messageOf(cause))
    }
  }

  const items: MenuItem[] = [
    {
      label: 'Run again',
      about: 'the same request, at once',
      icon: <RotateCw aria-hidden className="size-3.5" />,
      onChoose: () => void runAgain(),
    },
    {
      label: 'Copy link to this view',
      icon: <Link2 aria-hidden className="size-3.5" />,
      onChoose: () => void copyText(window.location.href),
    },
    {
      label: 'Copy run id',
      icon: <Copy aria-hidden className="size-3.5" />,
      onChoose: () => void copyText(run.run_id),
    },
    {
      label: 'Copy as curl',
      icon: <Terminal aria-hidden className="size-3.5" />,
      onChoose: () => void copyText(asCurl(requestOf(run), origin)),
    },
    {
      label: 'Copy: follow in a terminal',
      icon: <Terminal aria-hidden className="size-3.5" />,
      onChoose: () => void copyText(`retrai logs -f ${run.run_id}`),
    },
    { label: 'Events as JSON', href: `/api/runs/${run.run_id}/events?limit=5000` },
  ]

  if (isAsking && isLive && !onPanelAbort)
    return (
      <div className="flex flex-col items-end gap-1">
        <InlineConfirm
          question="Abort this run?"
          action="Abort"
          isPending={isPending}
          onConfirm={() => void abort()}
          onCancel={() => setAsking(false)}
          className="flex items-center gap-2"
        />
        {error && (
          <span role="alert" className="text-err">
            {error}
          </span>
        )}
      </div>
    )
  return (
    <>
      {isLive && (
        <Button
          icon={<Square aria-hidden className="size-3" />}
          hint="⇧X"
          onClick={ask}
          blocked={cutOff}
          aria-label="Abort the run"
          className="max-sm:px-0"
        >
          <span className="max-sm:sr-only">Abort</span>
        </Button>
      )}
      <ButtonLink
        href={`/runs/new?from=${run.run_id}`}
        icon={<Copy aria-hidden className="size-3.5" />}
        hint="d"
        aria-label="Duplicate the run"
        className="max-sm:px-0"
      >
        <span className="max-sm:sr-only">Duplicate</span>
      </ButtonLink>
      {error && (
        <span role="alert" className="text-err">
          {error}
        </span>
      )}
      <Menu label="More" icon={<MoreHorizontal aria-hidden className="size-4" />} items={items} />
    </>
  )
}
