'use client'
import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'
import { bytes } from '#lib/client/format'
import { Button } from '../../_ui/button.tsx'
import { CopyButton } from '../../_ui/copy-button.tsx'
import { Dialog } from '../../_ui/dialog.tsx'
import { saveFile } from '../../_ui/save-file.ts'
import { Coloured } from './coloured.tsx'
import { terminalText, withoutColours } from './terminal-text.ts'

/** Shown at once; megabytes are for a file. */
const SHOWN = 256_000

/** A whole output in a dialog, with search by the browser, a copy and a file. */
export function FullText({ title, text, onClose }: { title: string; text: string; onClose: () => void }) {
  const [wraps, setWraps] = useState(false)
  const shown = useMemo(() => terminalText(text.slice(0, SHOWN)), [text])
  const plain = useMemo(() => withoutColours(terminalText(text)), [text])
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <span className="text-muted">{bytes(text.length)}</span>
        <span className="ml-auto flex items-center gap-1">
          <Button kind="quiet" aria-pressed={wraps} onClick={() => setWraps(!wraps)}>
            Wrap lines
          </Button>
          <Button
            kind="quiet"
            icon={<Download aria-hidden className="size-3.5" />}
            onClick={() => saveFile('output.txt', plain)}
          >
            Download
          </Button>
          <CopyButton text={plain} label="Copy the output" />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label={title} className="overflow-auto rounded-md border bg-panel">
        <pre className={wraps ? 'p-3 whitespace-pre-wrap' : 'w-fit min-w-full p-3 whitespace-pre'}>
          <Coloured text={shown} />
        </pre>
      </section>
      {text.length > SHOWN && (
        <p className="mt-2 text-muted">
          The first {bytes(SHOWN)} of {bytes(text.length)} are shown; the download has all of it.
        </p>
      )}
    </Dialog>
  )
}
