'use client'
import { Copy, Download } from 'lucide-react'
import { useMemo } from 'react'
import { bytes } from '#lib/client/format'
import type { Row } from '#lib/contract/run-view'
import { Button } from '../../_ui/button.tsx'
import { saveFile } from '../../_ui/save-file.ts'
import { VisibleText } from '../../_ui/visible-code.tsx'
import { rawJson } from './raw-json.ts'

/** Drawn at once; what is longer is for a file. */
const SHOWN = 256_000

/** The events of a row as they are stored. */
export function RawEvents({ row, onCopy }: { row: Row; onCopy(text: string, what: string): void }) {
  const json = useMemo(() => rawJson(row), [row])
  if (row.type === 'iteration')
    return (
      <p className="text-muted">An iteration is no event of its own: its events are the rows below it.</p>
    )
  return (
    <div className="grid min-w-0 gap-3">
      <div className="flex flex-wrap gap-1.5">
        <Button
          icon={<Copy aria-hidden className="size-3.5" />}
          hint="⇧C"
          onClick={() => onCopy(json, 'JSON')}
        >
          Copy JSON
        </Button>
        <Button
          icon={<Download aria-hidden className="size-3.5" />}
          onClick={() => saveFile(`event-${row.seq}.json`, json, 'application/json')}
        >
          Download {bytes(json.length)}
        </Button>
      </div>
      <pre className="min-w-0 rounded-md border bg-panel px-3 py-2 break-all whitespace-pre-wrap">
        <VisibleText text={json.slice(0, SHOWN)} />
      </pre>
      {json.length > SHOWN && (
        <p className="text-muted">
          The first {bytes(SHOWN)} are shown; the copy and the download have all of it.
        </p>
      )}
    </div>
  )
}
