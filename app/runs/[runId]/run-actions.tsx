'use client'
import { Copy, Link2, MoreHorizontal, RotateCw, Square, Terminal } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { abortRun } from '#lib/client/endpoints'
import { asCurl } from '#lib/client/new-run'
import { isFinal } from '#lib/client/status'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { neighbourInList } from '../../_hooks/use-list-order.ts'
import { Button, ButtonLink } from '../../_ui/button.tsx'
import { copyText } from '../../_ui/copy-button.tsx'
import { InlineConfirm } from '../../_ui/inline-confirm.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { rawPath } from './density-choice.tsx'
import { Menu, type MenuItem } from './menu.tsx'
import { requestOf } from './same-request.ts'
import { useRerun } from './use-rerun.ts'
import { useSaid } from './use-said.ts'

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
  const [asking, setAsking] = useState<'abort' | 'rerun' | null>(null)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const [said, say] = useSaid()
  const isLive = !isFinal(run.status)
  const cutOff = useCutOff()
  const again = useRerun(run.run_id)
  const problem = error ?? again.problem
  const ask = () => (onPanelAbort ? onPanelAbort() : setAsking('abort'))

  useShortcuts('page', [
    ...(isLive ? [{ keys: 'Shift+X', does: 'Abort the run', run: ask }] : []),
    {
      keys: 'd',
      does: 'Duplicate the run',
      run: () => router.push(`/runs/new?from=${run.run_id}`),
    },
    { keys: 'y', does: 'Copy a link to this view', run: () => void copyLink() },
    // It spends money: a stray letter only asks.
    { keys: 'r', does: 'Run it again', run: () => setAsking('rerun') },
    { keys: 'Shift+J', does: 'Next run of the list', run: () => void step(1) },
    { keys: 'Shift+K', does: 'Run before in the list', run: () => void step(-1) },
  ])

  async function copyLink() {
    say((await copyText(window.location.href)) ? 'Link copied' : 'This browser does not let the page copy')
  }

  async function step(by: 1 | -1) {
    setError(null)
    try {
      const other = await neighbourInList(run.run_id, by)
      if (other) router.push(`/runs/${other}`)
      else setError(by === 1 ? 'This is the last run of the list' : 'This is the first run of the list')
    } catch (cause) {
      setError(messageOf(cause))
    }
  }

  async function abort() {
    setPending(true)
    setError(null)
    try {
      await call(abortRun, { params: { run_id: run.run_id }, body: {} })
      setAsking(null)
    } catch (cause) {
      setError(messageOf(cause))
    }
    setPending(false)
  }

  const items: MenuItem[] = [
    {
      label: 'Run again',
      about: 'the same request, at once',
      icon: <RotateCw aria-hidden className="size-3.5" />,
      onChoose: () => void again.rerun(),
    },
    {
      label: 'Copy link to this view',
      icon: <Link2 aria-hidden className="size-3.5" />,
      onChoose: () => void copyLink(),
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
    { label: 'Log as plain text', href: rawPath(run.run_id) },
    { label: 'Events as NDJSON', href: `${rawPath(run.run_id)}?format=ndjson` },
  ]

  const isAborting = asking === 'abort' && isLive && !onPanelAbort
  if (isAborting || asking === 'rerun')
    return (
      <div className="flex flex-col items-end gap-1">
        {isAborting ? (
          <InlineConfirm
            question="Abort this run?"
            action="Abort"
            isPending={isPending}
            onConfirm={() => void abort()}
            onCancel={() => setAsking(null)}
            className="flex items-center gap-2"
          />
        ) : (
          <InlineConfirm
            question="Run it again, as it was?"
            action="Run again"
            pending="Starting…"
            kind="primary"
            isPending={again.isPending}
            onConfirm={() => void again.rerun()}
            onCancel={() => setAsking(null)}
            className="flex items-center gap-2"
          />
        )}
        {problem && (
          <span role="alert" className="text-err">
            {problem}
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
      {problem && (
        <span role="alert" className="text-err">
          {problem}
        </span>
      )}
      <span role="status" className="text-muted empty:hidden">
        {said}
      </span>
      <Menu label="More" icon={<MoreHorizontal aria-hidden className="size-4" />} items={items} />
    </>
  )
}
