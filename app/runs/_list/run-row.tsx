import clsx from 'clsx'
import Link from 'next/link'
import { memo } from 'react'
import { compact, cost, goalTitle, projectName, shortId } from '#lib/client/format'
import { queueWords } from '#lib/client/hold-words'
import type { RunColumn } from '#lib/client/run-columns'
import type { RunSummary } from '#lib/contract/runs'
import { Ago } from '../../_ui/ago.tsx'
import { JudgedMark } from '../../_ui/judged-mark.tsx'
import { PriorityMark } from '../../_ui/priority-mark.tsx'
import { Sparkline } from '../../_ui/sparkline.tsx'
import { StatusBadge } from '../../_ui/status-icon.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { SelectBox } from './select-box.tsx'

/** Why it is where it is; the achieved and the running speak for themselves. */
const TELLS_WHY = new Set(['queued', 'waiting', 'paused', 'exhausted', 'failed', 'aborted'])

const PHASES = { plan: 'plan', act: 'act', evaluate: 'check', human_check: 'gate' }

const CELL = 'px-2 py-1.5 align-top last:pr-4 compact:py-1 @max-2xl:p-0!'
const NUMBER = 'text-right whitespace-nowrap'

/** One run. The whole row is the link to it. */
export const RunRow = memo(function RunRow({
  run,
  columns,
  isSelected,
  onSelect,
}: {
  run: RunSummary
  columns: readonly RunColumn[]
  isSelected: boolean
  onSelect(runId: string, isRange: boolean): void
}) {
  const reason = whyOf(run)
  return (
    <tr
      className={clsx(
        'relative border-b has-[a[data-row]:focus-visible]:outline-2 has-[a[data-row]:focus-visible]:-outline-offset-2 has-[a[data-row]:focus-visible]:outline-accent hover:bg-panel',
        '@max-2xl:flex @max-2xl:flex-wrap @max-2xl:items-center @max-2xl:gap-y-0.5 @max-2xl:gap-x-3 @max-2xl:pr-3 @max-2xl:pl-11 @max-2xl:py-2.5',
        isSelected && 'bg-raised',
      )}
    >
      <td className="w-10 p-0 pt-0.5 align-top @max-2xl:absolute @max-2xl:inset-y-0 @max-2xl:left-0">
        <SelectBox
          label={`Select ${goalTitle(run.goal)}, ${shortId(run.run_id)}`}
          checked={isSelected}
          onChange={isRange => onSelect(run.run_id, isRange)}
        />
      </td>
      <td className={clsx(CELL, '@max-2xl:order-3 @max-2xl:flex')}>
        <StatusBadge
          status={run.status}
          detail={run.status === 'running' && run.phase ? PHASES[run.phase] : null}
        />
      </td>
      {columns.includes('run') && (
        <td className={clsx(CELL, 'hidden font-mono text-mono text-muted @5xl:table-cell')}>
          {shortId(run.run_id)}
        </td>
      )}
      <td className={clsx(CELL, 'min-w-0 @max-2xl:order-1 @max-2xl:w-[calc(100%-4.5rem)]')}>
        <div className="flex min-w-0 items-baseline gap-2">
          <Link
            href={`/runs/${run.run_id}`}
            prefetch={false}
            data-row={run.run_id}
            className="truncate font-medium outline-none after:absolute after:inset-0"
          >
            {visible(goalTitle(run.goal))}
          </Link>
          <span className="max-w-1/2 shrink-0 truncate text-muted" title={visible(run.cwd)}>
            {visible(projectName(run.cwd))}
          </span>
          {run.scripted && (
            <span
              className="shrink-0 rounded-sm border border-line px-1 text-2xs text-muted"
              title="A recorded conversation was replayed: no model was called"
            >
              scripted
            </span>
          )}
          {run.judged && <JudgedMark />}
          <PriorityMark priority={run.priority} />
        </div>
        {reason && TELLS_WHY.has(run.status) && (
          <p
            className={clsx('line-clamp-2 text-xs', run.status === 'waiting' ? 'text-gate' : 'text-muted')}
            title={visible(reason)}
          >
            {run.gate && run.status === 'waiting' && (
              <>
                waiting <Ago at={run.gate.opened_at} /> ·{' '}
              </>
            )}
            {visible(reason)}
          </p>
        )}
      </td>
      {columns.includes('iterations') && (
        <td className={clsx(CELL, NUMBER, '@max-2xl:order-4')}>
          {run.iteration}
          <span className="text-muted">/{run.max_iterations}</span>
        </td>
      )}
      {columns.includes('failing') && (
        <td
          className={clsx(
            CELL,
            NUMBER,
            run.failing === null ? '@max-2xl:hidden' : '@max-2xl:order-5',
            run.failing === 0 && run.status === 'achieved' && 'text-ok',
          )}
        >
          {run.failing === null ? (
            <Nothing said="not counted" />
          ) : (
            <>
              {run.failing}
              <span className="text-muted @2xl:sr-only"> failing</span>
            </>
          )}
        </td>
      )}
      {columns.includes('trend') && (
        <td
          className={clsx(
            CELL,
            'hidden @4xl:table-cell',
            run.trend.length > 0 && '@max-2xl:order-6 @max-2xl:block',
          )}
        >
          <Sparkline
            values={run.trend}
            isMet={run.status === 'achieved'}
            className="mt-0.5 @max-2xl:translate-y-0.5"
          />
        </td>
      )}
      {columns.includes('lines') && (
        <td className={clsx(CELL, NUMBER, 'hidden @4xl:table-cell')}>
          {run.insertions === null ? (
            <Nothing said="no changes known" />
          ) : (
            <>
              <span className="text-ok">+{compact(run.insertions)}</span>{' '}
              <span className="text-err">−{compact(run.deletions ?? 0)}</span>
            </>
          )}
        </td>
      )}
      {columns.includes('model') && (
        <td className={clsx(CELL, 'hidden truncate text-muted @4xl:table-cell')} title={run.model_name}>
          {run.model_name}
        </td>
      )}
      {columns.includes('tokens') && (
        <td className={clsx(CELL, NUMBER, 'hidden @4xl:table-cell')}>{compact(run.total_tokens)}</td>
      )}
      {columns.includes('cost') && (
        <td className={clsx(CELL, NUMBER, run.estimated_cost_usd ? '@max-2xl:order-7' : '@max-2xl:hidden')}>
          {run.estimated_cost_usd === null ? (
            <Nothing said="price not known" />
          ) : (
            cost(run.estimated_cost_usd)
          )}
        </td>
      )}
      {columns.includes('age') && (
        <td className={clsx(CELL, NUMBER, 'text-muted @max-2xl:order-2 @max-2xl:ml-auto')}>
          <Ago at={run.created_at} />
        </td>
      )}
    </tr>
  )
})

function whyOf(run: RunSummary): string | null {
  if (run.status === 'queued') return run.queue && queueWords(run.queue)
  return run.status === 'waiting' ? (run.gate?.summary ?? run.reason) : run.reason
}

function Nothing({ said }: { said: string }) {
  return (
    <span className="text-muted">
      <span aria-hidden title={said}>
        —
      </span>
      <span className="sr-only">{said}</span>
    </span>
  )
}
