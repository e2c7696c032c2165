'use client'
import clsx from 'clsx'
import { Send } from 'lucide-react'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { addNote } from '#lib/client/endpoints'
import { count } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { NoteState } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { useIsMac } from '../../_hooks/use-is-mac.ts'
import { useStored } from '../../_hooks/use-stored.ts'
import { Button } from '../../_ui/button.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'

/** The draft of a run, kept over reloads and on every tab of it. */
export const useNoteDraft = (runId: string) => useStored(`retrai.note.${runId}`, '')

/** A message that the agent reads before its next model call, and whether it has. */
export function NoteToAgent({ run, notes }: { run: Run; notes: readonly NoteState[] }) {
  const [text, setText] = useNoteDraft(run.run_id)
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const isMac = useIsMac()
  const cutOff = useCutOff()
  const isOver = isFinal(run.status)
  const blocked = isOver ? 'The run has ended: no note reaches the agent any more' : cutOff

  async function send() {
    if (isPending || blocked || text.trim() === '') return
    setPending(true)
    setProblem(null)
    try {
      await call(addNote, { params: { run_id: run.run_id }, body: { text: text.trim() } })
      setText('')
    } catch (error) {
      setProblem(messageOf(error))
    }
    setPending(false)
  }

  return (
    <form
      aria-label="Note to the agent"
      className="grid min-w-0 gap-1 px-2 py-1.5"
      onSubmit={event => {
        event.preventDefault()
        void send()
      }}
    >
      <div className="flex min-w-0 items-end gap-1.5">
        <textarea
          aria-label="Note to the agent"
          aria-describedby={`note-${run.run_id}`}
          value={text}
          rows={1}
          readOnly={isOver || isPending}
          placeholder={isOver ? 'No more notes' : 'Note, read before the next model call'}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
              event.preventDefault()
              void send()
            } else if (event.key === 'Escape') event.currentTarget.blur()
          }}
          className="field-sizing-content max-h-32 min-h-7 w-full min-w-0 resize-none rounded-md border border-control bg-bg px-2 py-[3px] coarse:min-h-11 coarse:py-2.5 coarse:text-[16px]"
        />
        <Button
          type="submit"
          icon={<Send aria-hidden className="size-3.5" />}
          disabled={isPending}
          blocked={blocked ?? (text.trim() === '' ? 'Write something first' : null)}
          hint={isMac ? '⌘↵' : 'Ctrl ↵'}
        >
          {isPending ? 'Sending…' : 'Send'}
        </Button>
      </div>
      <p
        id={`note-${run.run_id}`}
        role={problem ? 'alert' : 'status'}
        className={clsx('text-xs empty:hidden', problem ? 'text-err' : blocked ? 'text-warn' : 'text-muted')}
      >
        {problem ?? (blocked && `${blocked}.`) ?? fateOf(notes)}
      </p>
    </form>
  )
}

/** What has become of what was sent. */
function fateOf(notes: readonly NoteState[]): string | null {
  const unread = notes.filter(note => note.readSeq === null).length
  if (unread > 0) return `${count(unread, 'note')} not read yet: the agent reads before its next model call.`
  const last = notes.at(-1)
  return last ? `Your last note was read, in iteration ${last.readIn}.` : null
}
