'use client'
import clsx from 'clsx'
import { Columns2, Download, RefreshCw, WrapText } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useEffect, useMemo, useRef, useState } from 'react'
import { count } from '#lib/client/format'
import type { RunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { useStored } from '../../_hooks/use-stored.ts'
import { IconButton } from '../../_ui/button.tsx'
import { CopyButton, copyText } from '../../_ui/copy-button.tsx'
import { readPlace } from '../../_ui/diff/line-place.ts'
import { parsePatch } from '../../_ui/diff/parse-patch.ts'
import { Empty, Failure, Loading } from '../../_ui/panel.tsx'
import { saveFile } from '../../_ui/save-file.ts'
import { PlusMinus } from './_events/tool-row.tsx'
import { ChangedFiles, type FileChoice, isShown } from './changed-files.tsx'
import { CommentsBar } from './comments-bar.tsx'
import { DiffScopeChoice } from './diff-scope-choice.tsx'
import type { ChangeUrl, RunUrl } from './run-url.ts'
import { useChangesKeys } from './use-changes-keys.ts'
import { type DiffScope, useDiff } from './use-diff.ts'
import { useDiffTools } from './use-diff-tools.ts'
import { usePaneMode } from './use-pane-mode.ts'

const DiffView = dynamic(() => import('../../_ui/diff/diff-view.tsx').then(m => m.DiffView), {
  ssr: false,
  loading: () => <Loading rows={10} label="Loading the diff" />,
})

/** What the run did to the project: since its start, in one iteration, or in several. */
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
  const [split, setSplit] = useStored('retrai.diff.split', 'off')
  // Where there is only room for one thing there is none for two columns.
  const isSplit = usePaneMode() !== 'sheet' && split === 'on'
  const [choice, setChoice] = useState<FileChoice>('all')
  const root = useRef<HTMLDivElement>(null)
  const scope = scopeOf(url)
  // Asked again when an iteration ends, a gate opens or the run ends; in between by hand.
  const complete = view.iterations.filter(i => i.endedAt !== null).length
  const [state, refresh] = useDiff(run.run_id, scope, `${complete} ${run.status}`)
  const wraps = wrap === 'on' || (wrap === 'auto' && typeof window !== 'undefined' && window.innerWidth < 700)

  const diff = state.state === 'ready' ? state.diff : state.state === 'loading' ? state.before : null
  const files = useMemo(() => (diff ? (parsePatch(diff.patch) ?? []) : []), [diff])
  const paths = useMemo(() => files.map(file => file.path), [files])
  const tools = useDiffTools(run.run_id, url.file, paths, change)
  const place = readPlace(url.file, paths)
  useLineOfHash(url.file, change)
  const viewed = new Set(files.filter(tools.isViewed).map(file => file.path))
  const toggleWrap = () => setWrap(wraps ? 'off' : 'on')
  const toggleSplit = () => setSplit(split === 'on' ? 'off' : 'on')
  useChangesKeys({
    root,
    at: tools.at,
    toggleSplit,
    toggleWrap,
    onFile: path => change({ file: path }),
    onLine: tools.onLine,
    onCopyLink: () => void copyText(window.location.href),
  })

  return (
    <section aria-label="Changes" className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1">
        {url.iter === null ? (
          <span className="font-medium">Since the start</span>
        ) : (
          <DiffScopeChoice
            iteration={url.iter}
            from={url.from}
            onChange={from => change({ from, file: null })}
          />
        )}
        {diff && (
          <span className="text-muted">
            {count(diff.stat.files, 'file')} <PlusMinus {...diff.stat} />
            {viewed.size > 0 && ` · ${viewed.size} viewed`}
          </span>
        )}
        <span className="ml-auto flex items-center gap-1">
          <IconButton
            label={split === 'on' ? 'One column (u)' : 'Before and after side by side (u)'}
            aria-pressed={split === 'on'}
            onClick={toggleSplit}
            className={clsx('hidden! @2xl:inline-flex!', split === 'on' && 'bg-raised! text-text!')}
          >
            <Columns2 aria-hidden className="size-3.5" />
          </IconButton>
          <IconButton
            label={wraps ? 'Do not wrap long lines (w)' : 'Wrap long lines (w)'}
            aria-pressed={wraps}
            onClick={toggleWrap}
            className={clsx(wraps && 'bg-raised! text-text!')}
          >
            <WrapText aria-hidden className="size-3.5" />
          </IconButton>
          {diff && diff.patch !== '' && (
            <>
              <CopyButton text={diff.patch} label="Copy the patch" />
              <IconButton
                label="Download the patch"
                onClick={() => saveFile(patchName(run, scope), diff.patch, 'text/x-patch')}
              >
                <Download aria-hidden className="size-3.5" />
              </IconButton>
            </>
          )}
          <IconButton label="Look at the directory again" onClick={refresh}>
            <RefreshCw aria-hidden className="size-3.5" />
          </IconButton>
        </span>
      </div>
      <div ref={root} className="@container min-h-0 flex-1 overflow-y-auto">
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
            {scope === null
              ? 'The directory is as it was when the run began.'
              : typeof scope === 'number'
                ? 'This iteration changed no file.'
                : 'These iterations left no file changed.'}
          </Empty>
        ) : (
          <div className="grid min-w-0 items-start gap-3 p-3 @3xl:grid-cols-[minmax(180px,260px)_minmax(0,1fr)]">
            <ChangedFiles
              stat={diff.stat}
              choice={choice}
              onChoice={setChoice}
              chosen={place?.path ?? null}
              viewed={viewed}
              onChoose={path => change({ file: path })}
              className="@3xl:sticky @3xl:top-3"
            />
            <DiffView
              patch={diff.patch}
              wraps={wraps}
              isSplit={isSplit}
              truncated={diff.truncated}
              file={place?.path ?? null}
              shows={path => isShown(choice, path)}
              tools={tools}
            />
          </div>
        )}
      </div>
      <CommentsBar run={run} comments={tools.comments} onDone={tools.clearComments} />
    </section>
  )
}

/** `?file=src/a.ts#L42` as people write it: the line is the address's own fragment there. */
function useLineOfHash(file: string | null, change: ChangeUrl) {
  useEffect(() => {
    const { hash } = window.location
    if (file !== null && /^#[LB]\d{1,7}(?:-[LB]?\d{1,7})?$/.test(hash)) change({ file: file + hash })
  }, [file, change])
}

/** Frozen at the iteration that was chosen: alone, or with those before it. */
function scopeOf({ iter, from }: RunUrl): DiffScope {
  if (iter === null) return null
  return from === null || from >= iter ? iter : { from, to: iter }
}

function patchName(run: Run, scope: DiffScope): string {
  const part = scope === null ? '' : typeof scope === 'number' ? `-${scope}` : `-${scope.from}-${scope.to}`
  return `${run.run_id.slice(0, 8)}${part}.patch`
}
