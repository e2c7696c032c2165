import { Download, GitCompareArrows, Square, X } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { compareHref } from '#lib/client/compare-url'
import { count } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { RunSummary } from '#lib/contract/runs'
import { Button, ButtonLink, IconButton } from '../../_ui/button.tsx'
import { InlineConfirm } from '../../_ui/inline-confirm.tsx'
import { Notice } from '../../_ui/panel.tsx'
import { saveFile } from '../../_ui/save-file.ts'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { useBulkAbort } from './use-bulk-abort.ts'

/** What can be done with the runs that are selected. At the foot of the list, where the thumb is. */
export function BulkBar({ runs, onClear }: { runs: RunSummary[]; onClear(): void }) {
  const router = useRouter()
  const cutOff = useCutOff()
  const abort = useBulkAbort()
  const [isAsking, setAsking] = useState(false)
  const active = runs.filter(run => !isFinal(run.status))
  const [a, b] = runs
  const pair = runs.length === 2 && a && b ? compareHref(a.run_id, b.run_id) : null
  const noPair = pair === null ? 'Select two runs to compare them' : null
  const nothingToAbort = active.length === 0 ? 'All of them have ended' : null

  async function save(format: 'csv' | 'ndjson') {
    const { runsAsCsv, runsAsNdjson } = await import('#lib/client/runs-table')
    if (format === 'csv') saveFile('retrai-runs.csv', runsAsCsv(runs), 'text/csv')
    else saveFile('retrai-runs.ndjson', runsAsNdjson(runs), 'application/x-ndjson')
  }

  useShortcuts('list', [
    {
      keys: 'c',
      does: 'Compare the two selected runs',
      hint: 'compare',
      run: () => pair && router.push(pair),
    },
    {
      keys: 'Shift+X',
      does: 'Abort the selected runs',
      run: () => nothingToAbort === null && setAsking(true),
    },
    { keys: 'Escape', does: 'Select nothing', run: onClear },
  ])

  return (
    <section
      aria-label="Selected runs"
      className="sticky bottom-0 z-20 flex flex-wrap items-center gap-2 border-t bg-panel px-3 py-2 sm:px-4"
    >
      <p role="status" className="mr-1 font-medium whitespace-nowrap">
        {runs.length} selected
      </p>
      {isAsking ? (
        <InlineConfirm
          question={`Abort ${count(active.length, 'run')}?`}
          action="Abort"
          isPending={abort.isPending}
          onCancel={() => setAsking(false)}
          onConfirm={() => void abort.abortAll(active).then(() => setAsking(false))}
        />
      ) : (
        <>
          {pair === null ? (
            <Button blocked={noPair} hint="c" icon={<GitCompareArrows aria-hidden className="size-3.5" />}>
              Compare
            </Button>
          ) : (
            <ButtonLink
              href={pair}
              prefetch={false}
              hint="c"
              icon={<GitCompareArrows aria-hidden className="size-3.5" />}
            >
              Compare
            </ButtonLink>
          )}
          <Button
            kind="danger"
            blocked={cutOff ?? nothingToAbort}
            hint="⇧X"
            icon={<Square aria-hidden className="size-3.5" />}
            onClick={() => setAsking(true)}
          >
            Abort
          </Button>
          <Button icon={<Download aria-hidden className="size-3.5" />} onClick={() => void save('csv')}>
            CSV
          </Button>
          <Button icon={<Download aria-hidden className="size-3.5" />} onClick={() => void save('ndjson')}>
            NDJSON
          </Button>
        </>
      )}
      <IconButton label="Select nothing" className="ml-auto" onClick={onClear}>
        <X aria-hidden className="size-4" />
      </IconButton>
      {abort.problem && (
        <div role="alert" className="w-full">
          <Notice tone="err">{abort.problem}</Notice>
        </div>
      )}
    </section>
  )
}
