'use client'
// A unified diff as the page shows it. Loaded when the first diff is opened.
import clsx from 'clsx'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { count } from '#lib/client/format'
import { Button } from '../button.tsx'
import { CopyButton } from '../copy-button.tsx'
import { FileName, VisibleText } from '../visible-code.tsx'
import { FileSign } from './file-sign.tsx'
import { type DiffFile, type DiffHunk, type DiffLine, parsePatch } from './parse-patch.ts'

/** Lines drawn without being asked for: over all files, and of one file. */
const OPEN_LINES = 3000
const OPEN_FILE_LINES = 600
/** Lines drawn at a time of a file that is longer. */
const STEP = 2000
const MAX_LINE = 1000
/** Written by tools; seldom worth reading. */
const GENERATED =
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|[^/]+\.lock|go\.sum|[^/]+\.min\.(js|css)|[^/]+\.map)$/

export function DiffView({
  patch,
  wraps,
  truncated = false,
  file: wanted = null,
  flagged = [],
}: {
  patch: string
  wraps: boolean
  truncated?: boolean
  /** The file to bring into sight. */
  file?: string | null
  /** Paths a person should look at first. */
  flagged?: string[]
}) {
  const files = useMemo(() => parsePatch(patch), [patch])
  const closedAtFirst = useMemo(() => closedFiles(files ?? []), [files])
  if (files === null)
    return (
      <div className="p-3">
        <p className="mb-2 text-muted">This diff cannot be read; here it is as it came.</p>
        <pre className="overflow-x-auto rounded-md border p-3">{patch.slice(0, 100_000)}</pre>
      </div>
    )
  return (
    <div className="grid min-w-0 gap-3">
      {files.map((file, i) => (
        <FileDiff
          // biome-ignore lint/suspicious/noArrayIndexKey: a hostile patch may name a file twice
          key={`${file.path} ${i}`}
          file={file}
          wraps={wraps}
          startsOpen={file.path === wanted || !closedAtFirst.has(file)}
          isWanted={file.path === wanted}
          isFlagged={flagged.includes(file.path)}
        />
      ))}
      {truncated && (
        <p className="rounded-md border border-dashed px-3 py-2 text-muted">
          The diff is cut here: it is larger than 2 MiB. The list of files is complete.
        </p>
      )}
    </div>
  )
}

function closedFiles(files: DiffFile[]): Set<DiffFile> {
  const closed = new Set<DiffFile>()
  let lines = 0
  for (const file of files) {
    lines += file.lineCount
    if (file.lineCount > OPEN_FILE_LINES || lines > OPEN_LINES || GENERATED.test(file.path)) closed.add(file)
  }
  return closed
}

function FileDiff({
  file,
  wraps,
  startsOpen,
  isWanted,
  isFlagged,
}: {
  file: DiffFile
  wraps: boolean
  startsOpen: boolean
  isWanted: boolean
  isFlagged: boolean
}) {
  const [isOpen, setOpen] = useState(startsOpen)
  const [shown, setShown] = useState(STEP)
  const root = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!isWanted) return
    setOpen(true)
    root.current?.scrollIntoView({ block: 'start' })
  }, [isWanted])
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
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left focus-visible:outline-offset-[-2px] coarse:min-h-11"
        >
          <Chevron aria-hidden className="size-3.5 shrink-0 text-muted" />
          <FileSign status={file.status} />
          <span className="min-w-0 truncate font-mono text-mono">
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
        <CopyButton text={file.path} label="Copy the path" />
      </header>
      {isOpen && <Body file={file} wraps={wraps} shown={shown} onMore={() => setShown(shown + STEP)} />}
    </section>
  )
}

function Body({
  file,
  wraps,
  shown,
  onMore,
}: {
  file: DiffFile
  wraps: boolean
  shown: number
  onMore(): void
}) {
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
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <section tabIndex={0} aria-label={`Lines of ${file.path}`} className="overflow-x-auto rounded-b-md">
      <table className={clsx('w-full border-collapse font-mono text-mono', !wraps && 'min-w-max')}>
        <tbody>
          {file.hunks.map((hunk, i) => {
            const lines = hunk.lines.slice(0, Math.max(0, left))
            left -= hunk.lines.length
            // biome-ignore lint/suspicious/noArrayIndexKey: hunks have no identity but their place
            return lines.length > 0 && <Hunk key={i} hunk={hunk} lines={lines} wraps={wraps} />
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

function Hunk({ hunk, lines, wraps }: { hunk: DiffHunk; lines: DiffLine[]; wraps: boolean }) {
  return (
    <>
      <tr className="bg-panel text-muted">
        <td colSpan={3} className="px-3 py-0.5 whitespace-pre select-none">
          <VisibleText text={hunk.header.slice(0, 200)} />
        </td>
      </tr>
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
        <tr key={i} className={clsx(line.kind === 'add' && 'bg-add', line.kind === 'del' && 'bg-del')}>
          <td className="w-[1%] min-w-9 px-1.5 text-right align-top text-muted select-none max-sm:hidden">
            {line.before}
          </td>
          <td className="w-[1%] min-w-9 px-1.5 text-right align-top text-muted select-none">{line.after}</td>
          <td className={clsx('pr-3', wraps ? 'break-all whitespace-pre-wrap' : 'whitespace-pre')}>
            <span aria-hidden className="mr-1 inline-block w-2 text-muted select-none">
              {line.kind === 'add' ? '+' : line.kind === 'del' ? '−' : ''}
            </span>
            {line.kind !== 'same' && (
              <span className="sr-only">{line.kind === 'add' ? 'added: ' : 'removed: '}</span>
            )}
            <VisibleText
              text={line.text.length > MAX_LINE ? `${line.text.slice(0, MAX_LINE)}… (line cut)` : line.text}
            />
          </td>
        </tr>
      ))}
    </>
  )
}
