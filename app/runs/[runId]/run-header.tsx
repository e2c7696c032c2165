'use client'
import clsx from 'clsx'
import { Check, FlaskConical, ShieldOff, SlidersHorizontal } from 'lucide-react'
import { clock, compact, cost, count, duration, goalTitle, projectName } from '#lib/client/format'
import { placeInLine } from '#lib/client/hold-words'
import { isFinal, STATUS_WORD } from '#lib/client/status'
import type { Node } from '#lib/contract/events/shared'
import type { Queued, Run } from '#lib/contract/runs'
import { sandboxText, UNTESTED_SANDBOX } from '#lib/contract/sandbox-mode'
import { useNow } from '../../_hooks/use-now.ts'
import { BarFill } from '../../_ui/bar-fill.tsx'
import { IconButton } from '../../_ui/button.tsx'
import { JudgedMark } from '../../_ui/judged-mark.tsx'
import { PriorityMark } from '../../_ui/priority-mark.tsx'
import { Sparkline } from '../../_ui/sparkline.tsx'
import { StatusBadge } from '../../_ui/status-icon.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { OUTCOME_WORDS } from './row-words.ts'

/** What is asked most: how is it, where is it, is it getting better, what does it cost. */
export function RunHeader({
  run,
  phase,
  sandboxNote,
  onLimits,
}: {
  run: Run
  phase: { node: Node; since: number } | null
  sandboxNote: string | null
  /** Where its limits can be changed. */
  onLimits(): void
}) {
  const isLive = !isFinal(run.status)
  return (
    <header className="shrink-0 border-b px-3 py-2 sm:px-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <StatusBadge status={run.status} className="text-lg" />
        <PriorityMark priority={run.priority} />
        {isLive && run.status !== 'queued' && <Phases run={run} phase={phase} className="hidden @2xl:flex" />}
        {run.failing !== null && (
          <span className="flex items-center gap-2 whitespace-nowrap">
            <span className="text-muted">failing</span>
            <Sparkline values={run.trend} isMet={run.status === 'achieved'} />
            <b
              className={clsx(
                'font-semibold',
                run.failing === 0 && run.status === 'achieved' ? 'text-ok' : 'text-text',
              )}
            >
              {run.failing}
            </b>
            {run.tests_total !== null && (
              <span className="hidden text-muted @md:inline">of {run.tests_total}</span>
            )}
          </span>
        )}
        <Meter
          label="Iterations"
          short="iter"
          value={run.iteration}
          max={run.max_iterations}
          text={`${run.iteration}/${run.max_iterations}`}
        />
        <Meter
          label="Cost"
          value={run.estimated_cost_usd ?? 0}
          max={run.max_cost_usd}
          text={
            run.max_cost_usd === null
              ? cost(run.estimated_cost_usd)
              : `${cost(run.estimated_cost_usd)} of ${cost(run.max_cost_usd)}`
          }
        />
        <Meter
          label="Tokens"
          short="tok"
          value={run.total_tokens}
          max={run.max_tokens}
          text={
            run.max_tokens === null
              ? compact(run.total_tokens)
              : `${compact(run.total_tokens)} of ${compact(run.max_tokens)}`
          }
          className="hidden @md:flex"
        />
        <Elapsed run={run} isLive={isLive} />
      </div>
      <Facts run={run} sandboxNote={sandboxNote} onLimits={isLive ? onLimits : null} />
      <Why run={run} />
    </header>
  )
}

const PHASES: { node: Node; word: string }[] = [
  { node: 'plan', word: 'plan' },
  { node: 'act', word: 'act' },
  { node: 'evaluate', word: 'evaluate' },
  { node: 'human_check', word: 'gate' },
]

function Phases({
  run,
  phase,
  className,
}: {
  run: Run
  phase: { node: Node; since: number } | null
  className?: string
}) {
  const now = useNow(1000)
  const shown = PHASES.filter(p => p.node !== 'human_check' || run.hitl_enabled || run.gate !== null)
  const at = shown.findIndex(p => p.node === phase?.node)
  return (
    <ol aria-label="Phase" className={clsx('items-center', className)}>
      {shown.map(({ node, word }, i) => (
        <li key={node} className="flex items-center">
          {i > 0 && <span aria-hidden className="mx-0.5 h-px w-2 bg-control" />}
          <span
            aria-current={i === at ? 'step' : undefined}
            className={clsx(
              'flex items-center gap-1 rounded-full px-1.5 text-xs leading-5',
              i === at
                ? node === 'human_check'
                  ? 'bg-gate-tint font-medium text-gate-text'
                  : 'bg-raised font-medium text-text'
                : 'text-muted',
            )}
          >
            {/* The gate about a written check opens before anything was done. */}
            {i < at && run.iteration > 0 && <Check aria-hidden className="size-3 text-ok" />}
            {word}
            {i === at && phase && (
              <span className="font-mono text-2xs" suppressHydrationWarning>
                {clock(now - phase.since * 1000)}
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  )
}

/** A number and, where it has a limit, how much of that is used. */
function Meter({
  label,
  short,
  value,
  max,
  text,
  className,
}: {
  label: string
  short?: string
  value: number
  max: number | null
  text: string
  className?: string
}) {
  const part = max === null || max <= 0 ? 0 : Math.min(1, value / max)
  return (
    <span className={clsx('flex items-center gap-2 whitespace-nowrap', className)}>
      <span className="text-muted lowercase">{short ?? label}</span>
      {max !== null && (
        // biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> each in their own way
        <span
          role="meter"
          aria-label={label}
          aria-valuenow={value}
          aria-valuemin={0}
          aria-valuemax={max}
          aria-valuetext={text}
          className="hidden h-1.5 w-10 overflow-hidden rounded-full bg-raised @lg:block"
        >
          <BarFill
            percent={part * 100}
            className={clsx('block h-full rounded-full', part >= 0.9 ? 'bg-warn' : 'bg-info')}
          />
        </span>
      )}
      <span className="font-medium">{text}</span>
    </span>
  )
}

function Elapsed({ run, isLive }: { run: Run; isLive: boolean }) {
  const now = useNow(1000, isLive)
  const from = Date.parse(run.created_at)
  const ms = (run.ended_at === null ? now : Date.parse(run.ended_at)) - from
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <span className="text-muted">time</span>
      <span className="font-medium" suppressHydrationWarning>
        {isLive ? clock(ms) : duration(ms)}
      </span>
      {run.max_minutes !== null && (
        <span className="text-muted">of {duration(run.max_minutes * 60_000)}</span>
      )}
    </span>
  )
}

function Facts({
  run,
  sandboxNote,
  onLimits,
}: {
  run: Run
  sandboxNote: string | null
  onLimits: (() => void) | null
}) {
  return (
    <p className="mt-1 flex min-w-0 flex-wrap items-center gap-x-2 text-xs text-muted">
      <span className="truncate" title={visible(run.cwd)}>
        in <bdi className="text-text">{visible(projectName(run.cwd))}</bdi>
      </span>
      <Goals run={run} />
      <Dot />
      <span className="flex items-center gap-1">
        {run.scripted && <FlaskConical aria-hidden className="size-3" />}
        {visible(run.model_name)}
        {run.scripted && <span className="hidden @lg:inline">(scripted: no model is called)</span>}
      </span>
      <span className="hidden @lg:contents">
        <Dot />
        <span>{gateFact(run.gate_policy)}</span>
      </span>
      {run.tags.length > 0 && (
        <>
          <Dot />
          <span>{run.tags.map(tag => `#${visible(tag)}`).join(' ')}</span>
        </>
      )}
      {run.sandbox === 'off' && (
        <>
          <Dot />
          <span
            className="flex items-center gap-1 text-warn"
            title={sandboxNote ?? 'Commands of this run can touch everything the server’s user can'}
          >
            <ShieldOff aria-hidden className="size-3" />
            not sandboxed
          </span>
        </>
      )}
      {run.sandbox === UNTESTED_SANDBOX && (
        <>
          <Dot />
          <span title={sandboxNote ?? undefined}>sandbox {sandboxText(run.sandbox)}</span>
        </>
      )}
      {onLimits && (
        <IconButton label="Change the limits" onClick={onLimits} className="-my-1.5">
          <SlidersHorizontal aria-hidden className="size-3.5" />
        </IconButton>
      )}
    </p>
  )
}

const gateFact = ({ mode }: Run['gate_policy']) =>
  ({
    each: 'stops at a gate after each iteration',
    flags: 'stops at a gate where there are flags',
    off: 'no gate',
  })[mode]

/** What decides: each goal of several, and whether a model does. */
function Goals({ run }: { run: Run }) {
  const isPlain = run.goals.length < 2 && run.goals[0]?.goal === run.goal
  if (isPlain && !run.judged) return null
  return (
    <>
      <Dot />
      {!isPlain && (
        <span className="min-w-0">
          {run.goals.length > 1 ? 'all of ' : 'checked by '}
          {run.goals.map(({ goal, check_command }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the goals of a run keep their places
            <span key={i}>
              {i > 0 && ', '}
              <bdi className="text-text" title={check_command && visible(check_command)}>
                {visible(goalTitle(goal))}
              </bdi>
            </span>
          ))}
        </span>
      )}
      {run.judged && <JudgedMark long />}
    </>
  )
}

const Dot = () => (
  <span aria-hidden className="text-control">
    ·
  </span>
)

const WHY_TONE = {
  achieved: 'text-ok',
  exhausted: 'text-warn',
  failed: 'text-err',
  aborted: 'text-muted',
} as const

/** Why it does not work yet. What moves it up is said by a reader of the page too. */
function InLine({ queue }: { queue: Queued }) {
  const place = placeInLine(queue)
  return (
    <p role="status" className="mt-1.5 max-w-[110ch]">
      <b className="font-semibold">{place ?? 'Waiting'}</b>. {queue.reason}.
    </p>
  )
}

/** How it ended; why it does not work yet. A pause and a gate have panels of their own. */
function Why({ run }: { run: Run }) {
  const { status } = run
  if (status === 'queued' && run.queue) return <InLine queue={run.queue} />
  if (!isFinal(status)) return null
  const reason = status === 'failed' ? (run.error ?? run.reason) : run.reason
  const outcome = run.outcome === null ? null : OUTCOME_WORDS[run.outcome]
  const used =
    run.final_state && run.final_state.iteration > 0 && count(run.final_state.iteration, 'iteration')
  return (
    <p className="mt-1.5 line-clamp-3 max-w-[110ch]">
      <b className={clsx('font-semibold', WHY_TONE[status])}>{outcome ?? STATUS_WORD[status]}</b>
      {used && status === 'achieved' && ` in ${used}`}
      {reason && <span>. {visible(reason.slice(0, 1000))}</span>}
    </p>
  )
}
