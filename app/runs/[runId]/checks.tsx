'use client'
import clsx from 'clsx'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { count, duration } from '#lib/client/format'
import type { EventOf } from '#lib/contract/event'
import type { Measurement } from '#lib/contract/events/shared'
import type { Run } from '#lib/contract/runs'
import type { RunEvents } from '../../_hooks/run-events.ts'
import { JudgedMark } from '../../_ui/judged-mark.tsx'
import { Empty, Failure, Loading } from '../../_ui/panel.tsx'
import { oneLine } from '../../_ui/visible-text.ts'
import { CheckDetails } from './_events/check-details.tsx'
import { EvidenceOf } from './evidence.tsx'
import { measured, saidYes, targetWords, verdictWord } from './progress-words.ts'
import { ProofActions } from './proof-actions.tsx'
import type { RunUrl } from './run-url.ts'
import { TrendChart } from './trend-chart.tsx'
import { useKind } from './use-kind.ts'

/** Every verdict on the goal, and what it rests on. */
export function Checks({ run, store, url }: { run: Run; store: RunEvents; url: RunUrl }) {
  const all = useKind(run.run_id, store, 'goal_check')
  const checks = url.iter === null ? all.events : all.events.filter(check => check.iteration === url.iter)
  const newest = checks.at(-1)?.seq
  if (all.state === 'failed' && checks.length === 0)
    return <Failure title="The checks could not be loaded" detail={all.message} />
  if (checks.length === 0)
    return all.state === 'loading' ? (
      <Loading label="Loading the checks" />
    ) : (
      <Empty title={url.iter === null ? 'The check has not run yet' : 'This iteration has not been checked'}>
        The server runs the goal’s check before the first iteration and after each one. Only its verdict
        decides.
      </Empty>
    )
  return (
    <section aria-label="Checks" className="min-h-0 flex-1 overflow-y-auto p-3 sm:p-4">
      <div className="mb-3">
        <ProofActions run={run} newest={all.events.at(-1)} />
      </div>
      {url.iter === null && checks.length > 1 && <TrendChart checks={checks} />}
      <ol className="grid gap-2">
        {checks.toReversed().map(check => (
          <li key={check.seq}>
            <Check
              run={run}
              check={check}
              before={before(all.events, check)}
              startsOpen={check.seq === newest}
            />
          </li>
        ))}
      </ol>
    </section>
  )
}

const before = (all: EventOf<'goal_check'>[], check: EventOf<'goal_check'>) =>
  all.findLast(other => other.seq < check.seq)

function Check({
  run,
  check,
  before,
  startsOpen,
}: {
  run: Run
  check: EventOf<'goal_check'>
  before: EventOf<'goal_check'> | undefined
  startsOpen: boolean
}) {
  const [isOpen, setOpen] = useState(startsOpen)
  const { achieved, broken, tests, exit_code, duration_ms, baseline, flags, reason } = check.payload
  const isRefused = saidYes(check.payload) && !achieved
  const was = before?.payload.tests?.failed
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <article className="@container min-w-0 rounded-lg border">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex min-h-9 w-full flex-wrap items-center gap-x-3 gap-y-0.5 rounded-lg px-3 py-1.5 text-left hover:bg-panel coarse:min-h-11"
      >
        <Chevron aria-hidden className="size-3.5 shrink-0 text-muted" />
        <span className="w-22 shrink-0 font-semibold">
          {baseline ? 'Baseline' : `Iteration ${check.iteration}`}
        </span>
        <span
          className={clsx(
            'min-w-20 shrink-0 font-medium',
            achieved ? 'text-ok' : broken || isRefused ? 'text-err' : 'text-warn',
          )}
        >
          {verdictWord(check.payload, saidYes(check.payload))}
        </span>
        {check.payload.judged && <JudgedMark />}
        {isRefused || (check.payload.measurement && !tests) ? (
          <span className="min-w-0 flex-1 truncate text-muted">
            {isRefused ? oneLine(reason) : measurementWords(check.payload.measurement)}
          </span>
        ) : tests ? (
          <span className="flex flex-wrap gap-x-3">
            <span>
              {tests.unit === 'problems'
                ? count(tests.failed, 'problem')
                : `${tests.failed} failing of ${tests.total}`}
              {was !== undefined && was !== tests.failed && <span className="text-muted"> (was {was})</span>}
            </span>
            {tests.fixed.length > 0 && <span className="text-ok">{tests.fixed.length} fixed</span>}
            {tests.newly_failing.length > 0 && !baseline && (
              <span className="text-err">{tests.newly_failing.length} newly failing</span>
            )}
            {tests.skipped > 0 && <span className="text-muted">{tests.skipped} skipped</span>}
          </span>
        ) : (
          <span className="min-w-0 flex-1 truncate text-muted">{oneLine(reason)}</span>
        )}
        <span className="ml-auto flex items-center gap-3 text-xs text-muted">
          {check.payload.confirmations !== undefined && (
            <span title="A green check is run again, to see that it stays so">
              run again {check.payload.confirmations}×
            </span>
          )}
          {flags.length > 0 && <span className="font-medium text-warn">{count(flags.length, 'flag')}</span>}
          <span>{exit_code === null ? 'no exit code' : `exit ${exit_code}`}</span>
          <span>{duration(duration_ms)}</span>
        </span>
      </button>
      {isOpen && (
        <div className="border-t px-3 py-3">
          <CheckDetails check={check.payload} />
          {check.payload.evidence && <EvidenceOf run={run} check={check} />}
        </div>
      )}
    </article>
  )
}

const measurementWords = (measurement: Measurement | undefined) =>
  measurement && `${measured(measurement.value, measurement.unit)}, wanted ${targetWords(measurement)}`
