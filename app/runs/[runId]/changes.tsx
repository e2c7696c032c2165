'use client'
import clsx from 'clsx'
import { Download, RefreshCw, WrapText } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { count } from '#lib/client/format'
import type { DiffStat } from '#lib/contract/events/shared'
import type { RunDiff } from '#lib/contract/run-history'
import type { RunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { useStored } from '../../_hooks/use-stored.ts'
import { IconButton } from '../../_ui/button.tsx'
import { CopyButton } from '../../_ui/copy-button.tsx'
import { FileSign } from '../../_ui/diff/file-sign.tsx'
import { Empty, Failure, Loading } from '../../_ui/panel.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { FileName } from '../../_ui/visible-code.tsx'
import { PlusMinus } from './_events/tool-row.tsx'
import type { ChangeUrl, RunUrl } from './run-url.ts'
import { useDiff } from './use-diff.ts'

const DiffView = dynamic(() => import('../../_ui/diff/diff-view.tsx').then(m => m.DiffView), {
  ssr: false,
  loading: () => <Loading rows={10} label="Loading the diff" />,
})

/** What the run did to the project: since its start, or in one iteration. */
export function Changes({
  run,
  view,
  url,
  change,
}: {
  run: Run
  view: RunView
  url: RunUrl
  change: ChangeUrl
}) {
  const [wrap, setWrap] = useStored('retrai.diff.wrap', 'auto')
  const [sinceStart, setSinceStart] = useState(false)
  const iteration = sinceStart ? null : url.iter
  // Asked again when an iteration ends, a gate opens or the run ends; in between by hand.
  const complete = view.iterations.filter(i => i.endedAt !== null).length
  const [state, refresh] = useDiff(run.run_id, iteration, `${complete} ${run.status}`)
  const wraps = wrap === 'on' || (wrap === 'auto' && typeof window !== 'undefined' && window.innerWidth < 700)
  useShortcuts('list', [
    { keys: 'w', does: 'Wrap long lines', hint: 'wrap', run: () => setWrap(wraps ? 'off' : 'on') },
  ])

  const diff = state.state === 'ready' ? state.diff : state.state === 'loading' ? state.before : null
  return (
    <section aria-label="Changes" className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1">
        {url.iter === null ? (
          <span className="font-medium">Since the start</span>
        ) : (
          <ScopeSwitch iteration={url.iter} sinceStart={sinceStart} onChange={setSinceStart} />
        )}
        {diff && (
          <span className="text-muted">
            {count(diff.stat.files, 'file')} <PlusMinus {...diff.stat} />
          </span>
        )}
        <span className="ml-auto flex items-center gap-1">
          <IconButton
            label={wraps ? 'Do not wrap long lines (w)' : 'Wrap long lines (w)'}
            aria-pressed={wraps}
            onClick={() => setWrap(wraps ? 'off' : 'on')}
            className={clsx(wraps && 'bg-raised! text-text!')}
          >
            <WrapText aria-hidden className="size-3.5" />
          </IconButton>
          {diff && diff.patch !== '' && (
            <>
              <CopyButton text={diff.patch} label="Copy the patch" />
              <IconButton label="Download the patch" onClick={() => savePatch(run, diff, iteration)}>
                <Download aria-hidden className="size-3.5" />
              </IconButton>
            </>
          )}
          <IconButton label="Look at the directory again" onClick={refresh}>
            <RefreshCw aria-hidden className="size-3.5" />
          </IconButton>
        </span>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {state.state === 'failed' ? (
          <Failure title="The diff could not be made" detail={state.message} onRetry={refresh} />
        ) : state.state === 'loading' && !state.before ? (
          <Loading rows={10} label="Comparing the directory" />
        ) : diff === null ? (
          <Empty title="No diffs on this server">
            Snapshots of the directory need git. Install it, and runs started after that show what they
            change.
          </Empty>
        ) : diff.stat.files === 0 ? (
          <Empty title="Nothing has changed">
            {iteration === null
              ? 'The directory is as it was when the run began.'
              : 'This iteration changed no file.'}
          </Empty>
        ) : (
          <div className="grid min-w-0 items-start gap-3 p-3 @3xl:grid-cols-[minmax(160px,240px)_minmax(0,1fr)]">
            <FileList
              stat={diff.stat}
              chosen={url.file}
              onChoose={path => change({ file: path })}
              className="@3xl:sticky @3xl:top-3"
            />
            <DiffView patch={diff.patch} wraps={wraps} truncated={diff.truncated} file={url.file} />
          </div>
        )}
      </div>
    </section>
  )
}

function ScopeSwitch({
  iteration,
  sinceStart,
  onChange,
}: {
  iteration: number
  sinceStart: boolean
  onChange(sinceStart: boolean): void
}) {
  const shape = 'h-6 rounded-sm px-2 coarse:h-10'
  return (
    <fieldset className="flex rounded-md border border-control p-px">
      <legend className="sr-only">Changes of</legend>
      <button
        type="button"
        aria-pressed={!sinceStart}
        onClick={() => onChange(false)}
        className={clsx(shape, sinceStart ? 'text-muted' : 'bg-raised font-medium')}
      >
        Iteration {iteration}
      </button>
      <button
        type="button"
        aria-pressed={sinceStart}
        onClick={() => onChange(true)}
        className={clsx(shape, sinceStart ? 'bg-raised font-medium' : 'text-muted')}
      >
        Since the start
      </button>
    </fieldset>
  )
}

/** Complete even where the diff is cut: it comes from the server's own count. */
export function FileList({
  stat,
  chosen,
  onChoose,
  className,
}: {
  stat: DiffStat
  chosen: string | null
  onChoose(path: string): void
  className?: string
}) {
  const hidden = stat.files - stat.by_file.length
  return (
    <nav aria-label="Changed files" className={clsx('min-w-0', className)}>
      <ul className="max-h-[70dvh] overflow-y-auto">
        {stat.by_file.map(file => (
          <li key={file.path}>
            <button
              type="button"
              aria-pressed={file.path === chosen}
              onClick={() => onChoose(file.path)}
              className={clsx(
                'flex h-7 w-full items-center gap-2 rounded-md px-1.5 text-left coarse:h-11',
                file.path === chosen ? 'bg-raised' : 'hover:bg-panel',
              )}
            >
              <FileSign status={file.status} />
              {/* The end of a path tells files apart. */}
              <span dir="rtl" className="min-w-0 flex-1 truncate text-left font-mono text-mono">
                <FileName path={file.path} />
              </span>
              {file.binary ? <span className="text-xs text-muted">bin</span> : <PlusMinus {...file} />}
            </button>
          </li>
        ))}
      </ul>
      {hidden > 0 && <p className="px-2 py-1 text-muted">and {count(hidden, 'more file')}</p>}
    </nav>
  )
}

function savePatch(run: Run, diff: RunDiff, iteration: number | null) {
  const url = URL.createObjectURL(new Blob([diff.patch], { type: 'text/x-patch' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${run.run_id.slice(0, 8)}${iteration === null ? '' : `-${iteration}`}.patch`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
