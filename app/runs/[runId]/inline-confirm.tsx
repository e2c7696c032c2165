'use client'
import { useEffect, useRef } from 'react'
import { Button } from '../../_ui/button.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'

/** Asks once, in place. The focus begins on the way back, so that a stray Enter destroys nothing. */
export function InlineConfirm({
  question,
  action,
  busy = 'Stopping…',
  isPending,
  onConfirm,
  onCancel,
  className,
}: {
  question: string
  action: string
  /** What the button says while it is done. */
  busy?: string
  isPending: boolean
  onConfirm(): void
  onCancel(): void
  className?: string
}) {
  const cutOff = useCutOff()
  const cancel = useRef<HTMLButtonElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <div
      role="group"
      aria-label={question}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onCancel()
      }}
      className={className ?? 'flex flex-wrap items-center gap-2'}
    >
      <span className="font-medium">{question}</span>
      <Button ref={cancel} onClick={onCancel} disabled={isPending}>
        Cancel
      </Button>
      <Button kind="danger" onClick={onConfirm} disabled={isPending} blocked={cutOff}>
        {isPending ? busy : action}
      </Button>
    </div>
  )
}
