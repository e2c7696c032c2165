'use client'
import { MessageSquarePlus, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button, IconButton } from '../button.tsx'
import { Textarea } from '../field.tsx'
import { visible } from '../visible-text.ts'
import type { LineComment } from './diff-tools.ts'

export function SavedComment({ comment, onRemove }: { comment: LineComment; onRemove(): void }) {
  return (
    <div className="flex items-start gap-2 border-l-2 border-accent pl-2">
      <p className="min-w-0 flex-1 whitespace-pre-wrap">{visible(comment.text)}</p>
      <IconButton label="Remove the comment" onClick={onRemove}>
        <Trash2 aria-hidden className="size-3.5" />
      </IconButton>
    </div>
  )
}

/** Under the line that is chosen: a button, and the field behind it. */
export function CommentForm({ onSave }: { onSave(text: string): void }) {
  const [text, setText] = useState<string | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const isOpen = text !== null
  useEffect(() => {
    if (isOpen) field.current?.focus()
  }, [isOpen])
  if (text === null)
    return (
      <Button
        kind="quiet"
        data-diff-comment
        icon={<MessageSquarePlus aria-hidden className="size-3.5" />}
        onClick={() => setText('')}
        className="justify-self-start"
      >
        Comment on this line
      </Button>
    )
  function save() {
    if (text?.trim()) onSave(text.trim())
    setText(null)
  }
  return (
    <form
      className="grid gap-1.5"
      onSubmit={event => {
        event.preventDefault()
        save()
      }}
    >
      <Textarea
        ref={field}
        aria-label="Comment on this line, for the agent"
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          event.stopPropagation()
          if (event.key === 'Escape') setText(null)
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
            event.preventDefault()
            save()
          }
        }}
      />
      <div className="flex gap-2">
        <Button type="submit">Keep the comment</Button>
        <Button kind="quiet" onClick={() => setText(null)}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
