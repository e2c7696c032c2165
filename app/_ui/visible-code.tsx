import { Fragment } from 'react'
import { visibleParts } from './visible-text.ts'

/** Text of a run, with what it tried to hide marked. */
export function VisibleText({ text }: { text: string }) {
  return visibleParts(text).map((part, i) =>
    part.marked ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no identity but their place
      <mark key={i} className="rounded-sm bg-err-tint px-0.5 text-err-text">
        {part.text}
      </mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Fragment key={i}>{part.text}</Fragment>
    ),
  )
}

/** A file's name: isolated, so that its characters cannot reorder what stands around it. */
export function FileName({ path, className }: { path: string; className?: string }) {
  return (
    <bdi className={className}>
      <VisibleText text={path} />
    </bdi>
  )
}
