'use client'
// A unified diff as the page shows it. Loaded when the first diff is opened.
import { useMemo } from 'react'
import type { DiffTools } from './diff-tools.ts'
import { FileDiff } from './file-diff.tsx'
import { type DiffFile, parsePatch } from './parse-patch.ts'

/** Lines drawn without being asked for: over all files, and of one file. */
const OPEN_LINES = 3000
const OPEN_FILE_LINES = 600
/** Written by tools; seldom worth reading. */
const GENERATED =
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|[^/]+\.lock|go\.sum|[^/]+\.min\.(js|css)|[^/]+\.map)$/

const ALL = () => true

export function DiffView({
  patch,
  wraps,
  isSplit = false,
  truncated = false,
  file: wanted = null,
  flagged = [],
  shows = ALL,
  tools,
}: {
  patch: string
  wraps: boolean
  /** Before and after side by side. */
  isSplit?: boolean
  truncated?: boolean
  /** The file to bring into sight. */
  file?: string | null
  /** Paths a person should look at first. */
  flagged?: string[]
  /** Which files, by path. */
  shows?: (path: string) => boolean
  tools?: DiffTools
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
      {files.map(
        (file, i) =>
          shows(file.path) && (
            <FileDiff
              // biome-ignore lint/suspicious/noArrayIndexKey: a hostile patch may name a file twice
              key={`${file.path} ${i}`}
              file={file}
              wraps={wraps}
              isSplit={isSplit}
              startsOpen={file.path === wanted || !closedAtFirst.has(file)}
              isWanted={file.path === wanted}
              isFlagged={flagged.includes(file.path)}
              tools={tools}
            />
          ),
      )}
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
