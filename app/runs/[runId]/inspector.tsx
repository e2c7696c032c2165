'use client'
// All of one event: what the stream shows in a line, whole, with what belongs to it. Loaded when it is opened first.
import clsx from 'clsx'
import { Download, Expand, FileText, Link2, Terminal, X } from 'lucide-react'
import { useId, useState } from 'react'
import { bytes } from '#lib/client/format'
import type { IterationFacts, Row } from '#lib/contract/run-view'
import type { LiveOutput } from '../../_hooks/run-events.ts'
import { Button, IconButton } from '../../_ui/button.tsx'
import { Loading } from '../../_ui/panel.tsx'
import { saveFile } from '../../_ui/save-file.ts'
import { lineOf, RowBody } from './_events/row-parts.tsx'
import { InspectorFacts, IterationBody } from './inspector-facts.tsx'
import { keepScrollKeys } from './keep-keys.ts'
import { PanelBoundary } from './panel-boundary.tsx'
import { RawEvents } from './raw-events.tsx'
import { commandOf, outputOf } from './row-texts.ts'
import { terminalText, withoutColours } from './terminal-text.ts'
import { useWholeRow } from './use-whole-row.ts'

export interface Inspected {
  row: Row
  /** Nothing was chosen: this is what happened last. */
  isNewest: boolean
  facts: IterationFacts | undefined
  text?: string
  live?: LiveOutput
  /** Its address on this page. */
  link: string
}

export interface InspectorProps {
  runId: string
  inspected: Inspected | null
  /** Copies, and says so. */
  onCopy(text: string, what: string): void
  onClose(): void
  /** Shows the output over the whole page. */
  onShowAll(): void
}

const VIEWS = ['Rendered', 'Raw JSON'] as const

export function Inspector({ inspected, ...rest }: InspectorProps) {
  if (inspected) return <Chosen inspected={inspected} {...rest} />
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex h-10 shrink-0 items-center border-b pr-1 pl-3 coarse:h-11">
        <h2 className="flex-1 text-2xs font-semibold tracking-wide text-muted uppercase">Event</h2>
        <CloseButton onClose={rest.onClose} />
      </header>
      <p className="p-4 text-muted">Nothing has happened yet that could be looked at.</p>
    </div>
  )
}

const CloseButton = ({ onClose }: { onClose(): void }) => (
  <IconButton label="Close the inspector (i)" onClick={onClose}>
    <X aria-hidden className="size-3.5" />
  </IconButton>
)

function Chosen({ runId, inspected, onCopy, onClose, onShowAll }: InspectorProps & { inspected: Inspected }) {
  const [shown, setShown] = useState<(typeof VIEWS)[number]>('Rendered')
  const id = useId()
  const { row, isLoading, problem } = useWholeRow(runId, inspected.row)
  const { facts, isNewest, link } = inspected
  const [command, output] = [commandOf(row), outputOf(row)]
  const plain = () => withoutColours(terminalText(output ?? ''))
  const copyLink = () => onCopy(new URL(link, window.location.href).href, 'Link')
  const title = row.type === 'iteration' ? 'iteration' : lineOf(row).label
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="shrink-0 border-b">
        <div className="flex h-10 items-center pr-1 pl-3 coarse:h-11">
          <h2 className="min-w-0 flex-1 truncate text-2xs font-semibold tracking-wide text-muted uppercase">
            Event {row.seq}
            {isNewest && <span className="font-normal normal-case"> · the newest</span>}
          </h2>
          <IconButton label="Copy a link to this event (y)" onClick={copyLink}>
            <Link2 aria-hidden className="size-3.5" />
          </IconButton>
          <CloseButton onClose={onClose} />
        </div>
        <p className="px-3 pb-1.5">
          <b className="font-semibold">{title}</b>
          <span className="text-muted">
            {row.iteration > 0 ? ` · iteration ${row.iteration}` : ' · before the first iteration'}
          </span>
        </p>
        <div role="tablist" aria-label="How the event is shown" className="flex gap-1 px-2">
          {VIEWS.map((name, i) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`${id}${i}`}
              aria-selected={name === shown}
              aria-controls={`${id}p`}
              tabIndex={name === shown ? 0 : -1}
              onClick={() => setShown(name)}
              onKeyDown={event => {
                if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return
                event.preventDefault()
                event.stopPropagation()
                const other = VIEWS[1 - i] ?? name
                setShown(other)
                document.getElementById(`${id}${1 - i}`)?.focus()
              }}
              className={clsx(
                'relative h-8 rounded-sm px-2 focus-visible:outline-offset-[-2px] coarse:h-11',
                name === shown
                  ? 'font-medium after:absolute after:inset-x-1 after:bottom-0 after:h-0.5 after:bg-accent'
                  : 'text-muted hover:text-text',
              )}
            >
              {name}
            </button>
          ))}
        </div>
      </header>
      <div
        role="tabpanel"
        id={`${id}p`}
        aria-labelledby={`${id}${VIEWS.indexOf(shown)}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onKeyDown={keepScrollKeys}
        className="@container min-h-0 flex-1 overflow-y-auto p-3 outline-offset-[-2px]"
      >
        {isLoading && <Loading rows={2} label="Loading the whole event" />}
        {problem && (
          <p role="alert" className="mb-2 text-err">
            The whole event could not be loaded: {problem}. What is here was cut.
          </p>
        )}
        <PanelBoundary key={row.key} name="This event" compact>
          {shown === 'Raw JSON' ? (
            <RawEvents row={row} onCopy={onCopy} />
          ) : (
            <div className="grid min-w-0 gap-3">
              {row.type === 'iteration' ? (
                <IterationBody facts={facts} />
              ) : (
                <RowBody row={row} text={inspected.text} live={inspected.live} />
              )}
              <div className="flex flex-wrap gap-1.5">
                {output !== null && output !== '' && (
                  <>
                    <Button
                      icon={<FileText aria-hidden className="size-3.5" />}
                      onClick={() => onCopy(plain(), 'Output')}
                    >
                      Copy output
                    </Button>
                    <Button icon={<Expand aria-hidden className="size-3.5" />} hint="o" onClick={onShowAll}>
                      Show all
                    </Button>
                    <Button
                      icon={<Download aria-hidden className="size-3.5" />}
                      onClick={() => saveFile(`event-${row.seq}.txt`, plain())}
                    >
                      Download {bytes(output.length)}
                    </Button>
                  </>
                )}
                {command !== null && (
                  <Button
                    icon={<Terminal aria-hidden className="size-3.5" />}
                    onClick={() => onCopy(command, 'Command')}
                  >
                    Copy command
                  </Button>
                )}
              </div>
              <InspectorFacts row={row} link={link} />
            </div>
          )}
        </PanelBoundary>
      </div>
    </div>
  )
}
