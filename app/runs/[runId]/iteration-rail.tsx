'use client'
import clsx from 'clsx'
import { ChevronLeft, ChevronRight, PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { cost } from '#lib/client/format'
import { isFinal, STATUS_WORD } from '#lib/client/status'
import type { IterationFacts } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import type { ChangePane } from '../../_hooks/use-panes.ts'
import { BarFill } from '../../_ui/bar-fill.tsx'
import { Button, IconButton } from '../../_ui/button.tsx'
import { PaneSeparator } from '../../_ui/pane-separator.tsx'
import { type Pane, widthClass } from '../../_ui/panes.ts'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { TrendIcon } from './progress-marks.tsx'
import { measured, progressWords } from './progress-words.ts'
import { checkWords, goingWord, isRefused } from './row-words.ts'

interface RailProps {
  run: Run
  iterations: readonly IterationFacts[]
  chosen: number | null
  /** The first of several that are chosen. */
  from: number | null
  onChoose(iteration: number | null): void
  /** Everything from one iteration to another. */
  onRange(from: number, to: number): void
  pane: Pane
  changePane: ChangePane
}

/** Every iteration in a line: where it got to, what it cost. Choosing one takes all tabs there. */
export function IterationRail(props: RailProps) {
  const { run, iterations, chosen, from, onChoose, onRange, pane, changePane } = props
  /** Alone, or with ⇧ from the one that is chosen to this. */
  const press = (iteration: number, isRange: boolean) => {
    const other = chosen ?? iterations.at(-1)?.iteration ?? iteration
    if (isRange && other !== iteration) onRange(Math.min(iteration, other), Math.max(iteration, other))
    else onChoose(iteration === chosen ? null : iteration)
  }
  const at = chosen ?? iterations.at(-1)?.iteration ?? 0
  const step = (by: number) => {
    const next = at + (chosen === null && by < 0 ? 0 : by)
    const last = iterations.at(-1)?.iteration ?? 0
    if (next >= 1 && next <= last) onChoose(next)
  }
  useShortcuts('page', [
    { keys: '[', does: 'Iteration before', hint: 'iteration', run: () => step(-1) },
    { keys: ']', does: 'Next iteration', run: () => step(1) },
    { keys: 'Escape', does: 'Back to live', run: () => chosen !== null && onChoose(null) },
  ])
  const rail = useRef<HTMLOListElement>(null)
  // The newest iteration, or the chosen one, is the one to see.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when there is another one to see
  useEffect(() => {
    const element = rail.current
    const target = element?.querySelector<HTMLElement>('[aria-pressed="true"]')
    if (target) target.scrollIntoView({ block: 'nearest' })
    else if (element) element.scrollTop = element.scrollHeight
  }, [iterations.length, chosen])
  const most = Math.max(1, ...iterations.map(i => i.check?.tests?.failed ?? 0))
  return (
    <>
      {pane.open && (
        <nav
          id="iterations"
          aria-label="Iterations"
          className={clsx('hidden shrink-0 flex-col @min-[1000px]/page:flex', widthClass(pane))}
        >
          <div className="flex h-10 shrink-0 items-center gap-1 border-b pr-1 pl-3">
            <span className="flex-1 text-2xs font-semibold tracking-wide text-muted uppercase">
              Iterations
            </span>
            <IconButton label="Iteration before ([)" disabled={at <= 1} onClick={() => step(-1)}>
              <ChevronLeft aria-hidden className="size-3.5" />
            </IconButton>
            <IconButton label="Next iteration (])" disabled={at >= iterations.length} onClick={() => step(1)}>
              <ChevronRight aria-hidden className="size-3.5" />
            </IconButton>
            <IconButton
              label="Fold the iterations into a line"
              onClick={() => changePane('rail', { ...pane, open: false })}
            >
              <PanelLeftClose aria-hidden className="size-3.5" />
            </IconButton>
          </div>
          <ol ref={rail} className="min-h-0 flex-1 overflow-y-auto p-1">
            {iterations.map(facts => (
              <li key={facts.iteration}>
                <RailItem
                  facts={facts}
                  most={most}
                  isChosen={facts.iteration === chosen}
                  isInRange={isBetween(facts.iteration, from, chosen)}
                  going={goingWord(facts, run.status)}
                  onChoose={isRange => press(facts.iteration, isRange)}
                />
              </li>
            ))}
          </ol>
          {iterations.length === 0 && (
            <p className="flex-1 px-3 text-muted">
              {isFinal(run.status)
                ? 'Ended before the first iteration.'
                : 'The first iteration has not begun.'}
            </p>
          )}
          <LiveButton run={run} chosen={chosen} onChoose={onChoose} />
        </nav>
      )}
      {pane.open && (
        <PaneSeparator
          name="rail"
          label="Width of the iterations"
          pane={pane}
          side="left"
          controls="iterations"
          onChange={next => changePane('rail', next)}
          className="hidden @min-[1000px]/page:block"
        />
      )}
      {iterations.length > 0 && (
        <Strip
          iterations={iterations}
          chosen={chosen}
          run={run}
          onPress={press}
          onWiden={pane.open ? null : () => changePane('rail', { ...pane, open: true })}
        />
      )}
    </>
  )
}

function RailItem({
  facts,
  most,
  isChosen,
  isInRange,
  going,
  onChoose,
}: {
  facts: IterationFacts
  most: number
  isChosen: boolean
  isInRange: boolean
  going: string | null
  onChoose(isRange: boolean): void
}) {
  const failed = facts.check?.tests?.failed
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      aria-label={labelOf(facts, going)}
      title={`${labelOf(facts, going)}; ⇧ click: all from the chosen one to this`}
      onClick={event => onChoose(event.shiftKey)}
      className={clsx(
        'grid h-8 w-full grid-cols-[1.5rem_1fr_auto] items-center gap-2 rounded-md px-2 text-left coarse:h-11',
        isChosen ? 'bg-raised font-medium' : isInRange ? 'bg-panel' : 'hover:bg-panel',
      )}
    >
      <span
        className={clsx(
          'text-right font-mono text-mono',
          going !== null && !isChosen ? toneOf(going) : 'text-muted',
        )}
      >
        {facts.iteration}
      </span>
      <span className="flex min-w-0 items-center gap-2">
        {failed === undefined ? (
          <Verdict facts={facts} going={going} />
        ) : (
          <>
            <span className="w-6 shrink-0 text-right">{failed}</span>
            <span className="h-1.5 min-w-0 flex-1 rounded-full bg-raised">
              <BarFill
                percent={failed === 0 ? 100 : Math.max(6, (failed / most) * 100)}
                className={clsx('block h-full rounded-full', barTone(facts))}
              />
            </span>
          </>
        )}
      </span>
      <span className="flex min-w-16 items-center justify-end gap-1 text-xs text-muted">
        {facts.progress && !isRefusedIn(facts) && <TrendIcon trend={facts.progress.trend} />}
        {facts.costUsd === 0 ? '' : cost(facts.costUsd)}
      </span>
    </button>
  )
}

const isBetween = (iteration: number, from: number | null, to: number | null) =>
  from !== null && to !== null && iteration >= from && iteration <= to

/** What a check that was tampered with says of progress is worth nothing either. */
const isRefusedIn = ({ check }: IterationFacts) => check !== null && isRefused(check)

function labelOf(facts: IterationFacts, going: string | null): string {
  const did = facts.progress && !isRefusedIn(facts) && progressWords(facts.progress)
  const said = [going ?? checkWords(facts) ?? 'not checked', did]
  return `Iteration ${facts.iteration}, ${said.filter(Boolean).join(', ')}`
}

const toneOf = (going: string) => (going === STATUS_WORD.running ? 'text-info' : 'text-warn')

/** Zero failing that does not count is no green bar. */
const barTone = ({ check }: IterationFacts) =>
  check?.achieved ? 'bg-ok' : check?.tests?.failed === 0 ? 'bg-err' : 'bg-warn'

function Verdict({ facts, going }: { facts: IterationFacts; going: string | null }) {
  const { check } = facts
  if (check?.measurement)
    return (
      <span className={clsx('truncate', check.achieved && 'text-ok')}>
        {measured(check.measurement.value, check.measurement.unit)}
      </span>
    )
  if (check) return <span>{check.achieved ? 'met' : 'not met'}</span>
  return <span className={going === null ? 'text-muted' : toneOf(going)}>{going ?? 'cut off'}</span>
}

function LiveButton({ run, chosen, onChoose }: Pick<RailProps, 'run' | 'chosen' | 'onChoose'>) {
  const isLive = !isFinal(run.status)
  return (
    <div className="flex h-8 shrink-0 items-center border-t bg-panel px-1 text-xs">
      {chosen === null ? (
        <span className="px-2 text-muted">{isLive ? 'All iterations, live' : 'All iterations'}</span>
      ) : (
        <Button kind="quiet" onClick={() => onChoose(null)} className="h-6! w-full justify-start!" hint="Esc">
          <span
            aria-hidden
            data-fill
            className={clsx('size-2 rounded-full', isLive ? 'bg-ok' : 'bg-control')}
          />
          {isLive ? 'Back to live' : 'All iterations'}
        </Button>
      )}
    </div>
  )
}

/** The rail as a line, where there is no room beside the stream. */
function Strip({
  iterations,
  chosen,
  run,
  onPress,
  onWiden,
}: Pick<RailProps, 'iterations' | 'chosen' | 'run'> & {
  onPress(iteration: number, isRange: boolean): void
  /** Where there is room for more than a line, and it was folded away. */
  onWiden: (() => void) | null
}) {
  const list = useRef<HTMLOListElement>(null)
  // The newest iteration, or the chosen one, is the one to see.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when there is another one to see
  useEffect(() => {
    const element = list.current
    const target = element?.querySelector<HTMLElement>('[aria-pressed="true"]')
    if (element) element.scrollLeft = target ? target.offsetLeft - 80 : element.scrollWidth
  }, [iterations.length, chosen])
  return (
    <nav
      aria-label="Iterations"
      className={clsx(
        'flex h-9 shrink-0 items-center border-b coarse:h-11',
        onWiden === null && '@min-[1000px]/page:hidden',
      )}
    >
      {onWiden && (
        <IconButton
          label="Show the iterations beside the stream"
          onClick={onWiden}
          className="ml-1 hidden! @min-[1000px]/page:inline-flex!"
        >
          <PanelLeftOpen aria-hidden className="size-3.5" />
        </IconButton>
      )}
      <ol
        ref={list}
        className="flex min-w-0 flex-1 items-center gap-1 overflow-x-auto px-2 [scrollbar-width:none]"
      >
        {iterations.map(facts => {
          const going = goingWord(facts, run.status)
          return (
            <li key={facts.iteration}>
              <button
                type="button"
                aria-pressed={facts.iteration === chosen}
                aria-label={labelOf(facts, going)}
                onClick={event => onPress(facts.iteration, event.shiftKey)}
                className={clsx(
                  'flex h-7 items-center gap-1.5 rounded-md border px-2 whitespace-nowrap coarse:h-9',
                  facts.iteration === chosen ? 'border-control bg-raised font-medium' : 'border-line',
                )}
              >
                {facts.iteration}
                <span
                  className={clsx(
                    'text-xs',
                    going !== null ? toneOf(going) : facts.check?.achieved ? 'text-ok' : 'text-muted',
                  )}
                >
                  {going ?? stripWord(facts)}
                </span>
                {facts.progress && !isRefusedIn(facts) && <TrendIcon trend={facts.progress.trend} />}
              </button>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

function stripWord({ check }: IterationFacts): string {
  if (!check) return '—'
  if (check.achieved) return '✓'
  if (check.measurement) return measured(check.measurement.value, check.measurement.unit)
  return check.tests && check.tests.failed > 0 ? `${check.tests.failed} ✗` : '✗'
}
