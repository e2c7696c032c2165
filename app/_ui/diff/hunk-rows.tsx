'use client'
import clsx from 'clsx'
import { Fragment, memo, type ReactNode } from 'react'
import { VisibleText } from '../visible-code.tsx'
import type { DiffTools, LineComment } from './diff-tools.ts'
import { CommentForm, SavedComment } from './line-comment.tsx'
import { atOf } from './line-place.ts'
import type { DiffLine } from './parse-patch.ts'
import { splitRows } from './split-rows.ts'

const MAX_LINE = 1000
const TINT = { add: 'bg-add', del: 'bg-del', same: '' }

interface HunkProps {
  path: string
  header: string
  lines: DiffLine[]
  wraps: boolean
  isSplit: boolean
  /** The line that is chosen, where it is in this file. */
  line: string | null
  tools?: DiffTools
}

/** The lines of one hunk, one under the other or side by side, each with what is said about it. */
export function HunkRows(props: HunkProps) {
  const { path, header, lines, isSplit, wraps, line, tools } = props
  const columns = isSplit ? 4 : 3
  const comments = tools?.comments.filter(comment => comment.path === path) ?? []
  const choose = tools && ((at: string) => tools.onLine(path, at))
  const below = (shown: DiffLine) => {
    const at = atOf(shown)
    const here = comments.filter(comment => comment.at === at)
    return at === line || here.length > 0 ? (
      <Below
        columns={columns}
        comments={here}
        isChosen={at === line}
        onComment={text => tools?.onComment({ path, at, code: shown.text.slice(0, 300), text })}
        onRemove={id => tools?.onRemove(id)}
      />
    ) : null
  }
  return (
    <>
      <tr data-diff-hunk tabIndex={-1} className="bg-panel text-muted outline-offset-[-2px]">
        <td
          colSpan={columns}
          className={clsx(
            'px-3 py-0.5 select-none',
            wraps || isSplit ? 'break-all whitespace-pre-wrap' : 'whitespace-pre',
          )}
        >
          <VisibleText text={header.slice(0, 200)} />
        </td>
      </tr>
      {isSplit
        ? splitRows(lines).map((row, i) => {
            const shown = row.right ?? row.left
            if (!shown) return null
            const at = atOf(shown)
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
              <Fragment key={i}>
                <LineRow at={at} isChosen={at === line} choose={choose}>
                  <SplitSide line={row.left} side="before" />
                  <SplitSide line={row.right} side="after" />
                </LineRow>
                {below(shown)}
              </Fragment>
            )
          })
        : lines.map((shown, i) => {
            const at = atOf(shown)
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
              <Fragment key={i}>
                <LineRow at={at} isChosen={at === line} choose={choose} className={TINT[shown.kind]}>
                  <UnifiedCells line={shown} wraps={wraps} />
                </LineRow>
                {below(shown)}
              </Fragment>
            )
          })}
    </>
  )
}

/** Chosen with the pointer at its number, or with the keys of the page. */
function LineRow({
  at,
  isChosen,
  choose,
  className,
  children,
}: {
  at: string
  isChosen: boolean
  choose?: (at: string) => void
  className?: string
  children: ReactNode
}) {
  return (
    <tr
      data-at={at}
      tabIndex={-1}
      aria-current={isChosen ? 'true' : undefined}
      onClick={
        choose &&
        (event => {
          const cell = (event.target as HTMLElement).closest('[data-number]') // a click is on an element
          if (cell) choose(at)
        })
      }
      className={clsx(
        className,
        choose && '[&_[data-number]]:cursor-pointer [&_[data-number]]:hover:text-text',
        isChosen && 'outline-2 outline-offset-[-2px] outline-accent',
      )}
    >
      {children}
    </tr>
  )
}

const Sign = ({ kind }: { kind: DiffLine['kind'] }) => (
  <>
    <span aria-hidden className="mr-1 inline-block w-2 text-muted select-none">
      {kind === 'add' ? '+' : kind === 'del' ? '−' : ''}
    </span>
    {kind !== 'same' && <span className="sr-only">{kind === 'add' ? 'added: ' : 'removed: '}</span>}
  </>
)

const Code = ({ text }: { text: string }) => (
  <VisibleText text={text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}… (line cut)` : text} />
)

const NUMBER = 'px-1.5 text-right align-top text-muted select-none'

const UnifiedCells = memo(function UnifiedCells({ line, wraps }: { line: DiffLine; wraps: boolean }) {
  return (
    <>
      <td data-number className={clsx(NUMBER, 'w-[1%] min-w-9 max-sm:hidden')}>
        {line.before}
      </td>
      <td data-number className={clsx(NUMBER, 'w-[1%] min-w-9')}>
        {line.after}
      </td>
      <td className={clsx('pr-3', wraps ? 'break-all whitespace-pre-wrap' : 'whitespace-pre')}>
        <Sign kind={line.kind} />
        <Code text={line.text} />
      </td>
    </>
  )
})

/** Side by side there is never room for a whole line: it wraps. */
const SplitSide = memo(function SplitSide({
  line,
  side,
}: {
  line: DiffLine | null
  side: 'before' | 'after'
}) {
  const tint = line ? TINT[line.kind] : 'bg-panel'
  return (
    <>
      <td data-number className={clsx(NUMBER, 'w-11', tint, side === 'after' && 'border-l')}>
        {line?.[side]}
      </td>
      <td className={clsx('pr-2 align-top break-all whitespace-pre-wrap', tint)}>
        {line && (
          <>
            <Sign kind={line.kind} />
            <Code text={line.text} />
          </>
        )}
      </td>
    </>
  )
})

function Below({
  columns,
  comments,
  isChosen,
  onComment,
  onRemove,
}: {
  columns: number
  comments: LineComment[]
  isChosen: boolean
  onComment(text: string): void
  onRemove(id: string): void
}) {
  return (
    <tr>
      <td colSpan={columns} className="border-y bg-panel px-3 py-1.5 font-sans text-ui">
        <div className="sticky left-3 grid max-w-[min(42rem,calc(100cqw-1.5rem))] gap-1.5">
          {comments.map(comment => (
            <SavedComment key={comment.id} comment={comment} onRemove={() => onRemove(comment.id)} />
          ))}
          {isChosen && <CommentForm onSave={onComment} />}
        </div>
      </td>
    </tr>
  )
}
