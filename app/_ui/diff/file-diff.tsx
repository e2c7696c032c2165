'use client'
import clsx from 'clsx'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { count } from '#lib/client/format'
import { Button } from '../button.tsx'
import { CopyButton } from '../copy-button.tsx'
import { FileName } from '../visible-code.tsx'
import type { DiffTools } from './diff-tools.ts'
import { FileSign } from './file-sign.tsx'
import { HunkRows } from './hunk-rows.tsx'
import type { DiffFile } from './parse-patch.ts'

/** Lines drawn at a time of a file that is longer. */
const STEP = 2000

/** One file of a diff, which folds away. */
export function FileDiff({
  file,
  wraps,
  isSplit,
  startsOpen,
  isWanted,
  isFlagged,
  tools,
}: {
  file: DiffFile
  wraps: boolean
  isSplit: boolean
  startsOpen: boolean
  isWanted: boolean
  isFlagged: boolean
  tools?: DiffTools
}) {
  const isViewed = tools?.isViewed(file) ?? false
  const [isOpen, setOpen] = useState(startsOpen && !isViewed)
  const [shown, setShown] = useState(STEP)
  const root = useRef<HTMLElement>(null)
  const line = tools?.at?.path === file.path ? tools.at.line : null
  useEffect(() => {
    if (!isWanted) return
    setOpen(true)
    // A line that is addressed comes into sight by itself, once it is drawn.
    if (line === null) root.current?.scrollIntoView({ block: 'start' })
  }, [isWanted, line])
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <section
      ref={root}
      aria-label={`Diff of ${file.path}`}
      className="min-w-0 rounded-md border [contain-intrinsic-size:auto_200px] [content-visibility:auto]"
    >
      <header
        className={clsx(
          'sticky top-0 z-10 flex min-h-8 items-center gap-1 rounded-t-md bg-panel pr-1',
          isOpen ? 'border-b' : 'rounded-b-md',
        )}
      >
        <button
          type="button"
          data-diff-file={file.path}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left focus-visible:outline-offset-[-2px] coarse:min-h-11"
        >
          <Chevron aria-hidden className="size-3.5 shrink-0 text-muted" />
          <FileSign status={file.status} />
          <span className={clsx('min-w-0 truncate font-mono text-mono', isViewed && 'text-muted')}>
            {file.oldPath && (
              <>
                <FileName path={file.oldPath} className="text-muted" />
                <span className="text-muted"> → </span>
              </>
            )}
            <FileName path={file.path} />
          </span>
          {isFlagged && <span className="shrink-0 text-xs text-warn">⚠ look at this</span>}
          <span className="ml-auto shrink-0 font-mono text-mono">
            {file.isBinary ? (
              <span className="text-muted">binary</span>
            ) : (
              <>
                <span className="text-ok">+{file.insertions}</span>{' '}
                <span className="text-err">−{file.deletions}</span>
              </>
            )}
          </span>
        </button>
        {tools && (
          <label className="flex h-7 items-center gap-1.5 rounded-md px-1.5 text-xs text-muted hover:bg-raised coarse:h-11">
            <input
              type="checkbox"
              checked={isViewed}
              data-diff-viewed={file.path}
              aria-label={`Viewed: ${file.path}`}
              onChange={event => {
                tools.onViewed(file, event.target.checked)
                setOpen(!event.target.checked)
              }}
              className="size-3.5 accent-accent coarse:size-5"
            />
            Viewed
          </label>
        )}
        <CopyButton text={file.path} label="Copy the path" />
      </header>
      {isOpen && (
        <Body
          file={file}
          wraps={wraps}
          isSplit={isSplit}
          shown={shown}
          onMore={() => setShown(shown + STEP)}
          line={line}
          tools={tools}
        />
      )}
    </section>
  )
}

function Body({
  file,
  wraps,
  isSplit,
  shown,
  onMore,
  line,
  tools,
}: {
  file: DiffFile
  wraps: boolean
  isSplit: boolean
  shown: number
  onMore(): void
  line: string | null
  tools?: DiffTools
}) {
  const lines = useRef<HTMLElement>(null)
  useEffect(() => {
    if (line === null) return
    const row = lines.current?.querySelector<HTMLElement>(`[data-at="${CSS.escape(line)}"]`)
    row?.scrollIntoView({ block: 'nearest' })
    // Not away from a field that is being filled in.
    if (!row?.contains(document.activeElement) && document.activeElement?.tagName !== 'TEXTAREA')
      row?.focus({ preventScroll: true })
  }, [line])
  if (file.isBinary) return <p className="px-3 py-2 text-muted">A binary file: it is not shown.</p>
  if (file.hunks.length === 0)
    return (
      <p className="px-3 py-2 text-muted">
        {file.modeChange
          ? `Only the mode changed: ${file.modeChange}`
          : file.status === 'renamed'
            ? 'Renamed, content unchanged.'
            : 'An empty file.'}
      </p>
    )
  let left = shown
  return (
    <section
      ref={lines}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
      tabIndex={0}
      aria-label={`Lines of ${file.path}`}
      className="@container overflow-x-auto rounded-b-md"
    >
      <table
        className={clsx(
          'w-full border-collapse font-mono text-mono',
          isSplit && 'table-fixed',
          !wraps && !isSplit && 'min-w-max',
        )}
      >
        {isSplit && (
          <colgroup>
            <col className="w-11" />
            <col />
            <col className="w-11" />
            <col />
          </colgroup>
        )}
        <tbody>
          {file.hunks.map((hunk, i) => {
            const drawn = hunk.lines.slice(0, Math.max(0, left))
            left -= hunk.lines.length
            return (
              drawn.length > 0 && (
                <HunkRows
                  // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity but their place
                  key={i}
                  path={file.path}
                  header={hunk.header}
                  lines={drawn}
                  wraps={wraps}
                  isSplit={isSplit}
                  line={line}
                  tools={tools}
                />
              )
            )
          })}
        </tbody>
      </table>
      {file.lineCount > shown && (
        <div className="sticky left-0 border-t p-1.5">
          <Button onClick={onMore}>
            Show {count(Math.min(STEP, file.lineCount - shown), 'more line')} of {file.lineCount}
          </Button>
        </div>
      )}
    </section>
  )
}
