'use client'
import { Copy, Send, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { addNote } from '#lib/client/endpoints'
import { count } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { useStored } from '../../_hooks/use-stored.ts'
import { Button, IconButton } from '../../_ui/button.tsx'
import { copyText } from '../../_ui/copy-button.tsx'
import type { LineComment } from '../../_ui/diff/diff-tools.ts'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { commentsNote } from './line-comments.ts'

/** What was said about lines, on its way to the agent: as a note of its own, or as part of what is said at the gate. */
export function CommentsBar({
  run,
  comments,
  onDone,
}: {
  run: Run
  comments: readonly LineComment[]
  /** These have reached their reader, or are not wanted any more. */
  onDone(gone: readonly LineComment[]): void
}) {
  const gateId = run.gate?.gate_id ?? null
  // As the gate's panel keeps its draft; nothing is written while there is no gate.
  const [draft, setDraft] = useStored(`retrai.gate.${gateId ?? 'none'}`, '')
  const [isPending, setPending] = useState(false)
  const [said, setSaid] = useState<{ words: string; isProblem: boolean } | null>(null)
  const cutOff = useCutOff()
  const blocked = isFinal(run.status) ? 'The run has ended: no note reaches the agent any more' : cutOff
  const note = commentsNote(comments)
  // What was said of earlier ones is not said of those that came since.
  const newest = comments.at(-1)?.id
  useEffect(() => {
    if (newest !== undefined) setSaid(null)
  }, [newest])

  async function send() {
    if (gateId !== null) {
      setDraft(draft.trim() === '' ? note : `${draft.trimEnd()}\n\n${note}`)
      setSaid({ words: 'In the note of the gate: it is read when you approve.', isProblem: false })
      return onDone(comments)
    }
    setPending(true)
    try {
      await call(addNote, { params: { run_id: run.run_id }, body: { text: note } })
      setSaid({ words: 'Sent: the agent reads it before its next model call.', isProblem: false })
      onDone(comments)
    } catch (error) {
      setSaid({ words: messageOf(error), isProblem: true })
    }
    setPending(false)
  }

  if (comments.length === 0 && !said) return null
  return (
    <section
      aria-label="Comments for the agent"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-t bg-panel px-3 py-1"
    >
      {comments.length > 0 && <span className="font-medium">{count(comments.length, 'comment')}</span>}
      <span
        role={said?.isProblem ? 'alert' : 'status'}
        className={said?.isProblem ? 'min-w-0 flex-1 text-err' : 'min-w-0 flex-1 text-muted'}
      >
        {(comments.length > 0 && said?.isProblem === false ? blocked : null) ??
          said?.words ??
          blocked ??
          'for the agent, together'}
      </span>
      {comments.length > 0 && (
        <>
          <Button
            icon={<Send aria-hidden className="size-3.5" />}
            onClick={() => void send()}
            disabled={isPending}
            blocked={blocked}
          >
            {isPending ? 'Sending…' : gateId === null ? 'Send as a note' : 'Put into the gate’s note'}
          </Button>
          <IconButton
            label="Copy the comments"
            onClick={() =>
              void copyText(note).then(isCopied =>
                setSaid(isCopied ? { words: 'Copied.', isProblem: false } : null),
              )
            }
          >
            <Copy aria-hidden className="size-3.5" />
          </IconButton>
          <IconButton label="Discard the comments" onClick={() => onDone(comments)}>
            <Trash2 aria-hidden className="size-3.5" />
          </IconButton>
        </>
      )}
    </section>
  )
}
