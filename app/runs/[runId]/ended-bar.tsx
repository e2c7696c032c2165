'use client'
import clsx from 'clsx'
import { ArrowUp, RotateCw, SquareSplitHorizontal } from 'lucide-react'
import { compareHref } from '#lib/client/compare-url'
import { STATUS_WORD } from '#lib/client/status'
import type { Run } from '#lib/contract/runs'
import { Button, ButtonLink } from '../../_ui/button.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { OUTCOME_WORDS } from './row-words.ts'
import { useRerun } from './use-rerun.ts'

/** For who watched the run come to its end: what became of it, and where to go from here. The focus stays where it is. */
export function EndedBar({ run, onTop }: { run: Run; onTop(): void }) {
  const { isPending, problem, rerun } = useRerun(run.run_id)
  const cutOff = useCutOff()
  return (
    <section
      aria-label="The run has ended"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-t bg-panel px-3 py-1"
    >
      <span className={clsx('min-w-0 flex-1', run.status === 'achieved' ? 'text-ok' : 'text-text')}>
        {run.outcome ? OUTCOME_WORDS[run.outcome] : STATUS_WORD[run.status]}.
        {problem && (
          <span role="alert" className="text-err">
            {' '}
            {problem}
          </span>
        )}
      </span>
      <Button icon={<ArrowUp aria-hidden className="size-3.5" />} onClick={onTop}>
        Back to top
      </Button>
      <Button
        icon={<RotateCw aria-hidden className="size-3.5" />}
        onClick={() => void rerun()}
        disabled={isPending}
        blocked={cutOff}
      >
        {isPending ? 'Starting…' : 'Run again'}
      </Button>
      <ButtonLink
        icon={<SquareSplitHorizontal aria-hidden className="size-3.5" />}
        href={compareHref(run.run_id, null)}
      >
        Compare
      </ButtonLink>
    </section>
  )
}
