'use client'
import clsx from 'clsx'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { Fragment, useMemo, useState } from 'react'
import { compact, cost, count, duration } from '#lib/client/format'
import { isFinal } from '#lib/client/status'
import type { EventOf } from '#lib/contract/event'
import type { Run } from '#lib/contract/runs'
import type { RunEvents } from '../../_hooks/run-events.ts'
import { BarFill } from '../../_ui/bar-fill.tsx'
import { Empty, Failure, Loading } from '../../_ui/panel.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { paceOf } from './pace.ts'
import type { RunUrl } from './run-url.ts'
import { useKind } from './use-kind.ts'

interface Sum {
  input: number
  cacheRead: number
  cacheWrite: number
  output: number
  cost: number | null
  ms: number
  calls: number
}

const EMPTY: Sum = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, cost: 0, ms: 0, calls: 0 }

function plus(sum: Sum, { payload }: EventOf<'llm_usage'>): Sum {
  return {
    input: sum.input + payload.input_tokens,
    cacheRead: sum.cacheRead + payload.cache_read_input_tokens,
    cacheWrite: sum.cacheWrite + payload.cache_creation_input_tokens,
    output: sum.output + payload.output_tokens,
    // One unknown price makes the sum unknown.
    cost: sum.cost === null || payload.cost_usd === null ? null : sum.cost + payload.cost_usd,
    ms: sum.ms + payload.duration_ms,
    calls: sum.calls + 1,
  }
}

function byIteration(calls: EventOf<'llm_usage'>[]): Map<number, EventOf<'llm_usage'>[]> {
  const groups = new Map<number, EventOf<'llm_usage'>[]>()
  for (const call of calls) groups.set(call.iteration, [...(groups.get(call.iteration) ?? []), call])
  return groups
}

const tokensIn = (sum: Sum) => sum.input + sum.cacheRead + sum.cacheWrite
const totalOf = (sum: Sum) => tokensIn(sum) + sum.output

const PARTS = [
  { name: 'cacheRead', title: 'Read from the cache', short: 'cache read', bar: 'bg-info/40' },
  { name: 'cacheWrite', title: 'Written to the cache', short: 'cache write', bar: 'bg-info' },
  { name: 'input', title: 'Fresh input', short: 'input', bar: 'bg-warn' },
  { name: 'output', title: 'Output', short: 'output', bar: 'bg-ok' },
] as const

/** What was asked of models, and what it cost. */
export function Usage({ run, store, url }: { run: Run; store: RunEvents; url: RunUrl }) {
  const { state, events, ...rest } = useKind(run.run_id, store, 'llm_usage')
  // Up to the iteration that is looked at: what had been spent by then.
  const { iter } = url
  const shown = iter === null ? events : events.filter(event => event.iteration <= iter)
  const iterations = useMemo(() => byIteration(shown), [shown])
  const sums = [...iterations].map(([iteration, calls]) => ({
    iteration,
    calls,
    sum: calls.reduce(plus, EMPTY),
  }))
  const total = shown.reduce(plus, EMPTY)
  if (state === 'failed' && shown.length === 0)
    return (
      <Failure title="The usage could not be loaded" detail={'message' in rest ? rest.message : undefined} />
    )
  if (shown.length === 0)
    return state === 'loading' ? (
      <Loading label="Loading the usage" />
    ) : (
      <Empty title="No model was called">
        {url.iter === null
          ? 'The check before the first iteration costs nothing.'
          : 'Not up to this iteration.'}
      </Empty>
    )
  const most = Math.max(...sums.map(({ sum }) => totalOf(sum)))
  return (
    <section aria-label="Usage" className="min-h-0 flex-1 overflow-y-auto p-3 sm:p-4">
      <Totals total={total} />
      {url.iter === null && !isFinal(run.status) && <AtThisPace run={run} store={store} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section aria-label="Model calls" tabIndex={0} className="overflow-x-auto rounded-lg border">
        <table className="w-full border-collapse text-right whitespace-nowrap [&_td]:px-2.5 [&_td]:py-1 [&_th]:px-2.5 [&_th]:py-1.5 [&_th]:font-normal [&_th]:text-muted">
          <thead className="border-b bg-panel text-xs">
            <tr>
              <th scope="col" className="text-left">
                Iteration
              </th>
              <th scope="col" className="w-[26%] min-w-28 text-left">
                <span className="sr-only">Share of tokens</span>
                <Legend />
              </th>
              <th scope="col">Calls</th>
              <th scope="col">Input</th>
              <th scope="col">Cache read</th>
              <th scope="col">Cache write</th>
              <th scope="col">Output</th>
              <th scope="col">Time</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {sums.map(({ iteration, calls, sum }) => (
              <IterationUsage
                key={iteration}
                iteration={iteration}
                calls={calls}
                sum={sum}
                most={most}
                startsOpen={url.iter !== null}
              />
            ))}
          </tbody>
          <tfoot className="border-t font-medium">
            <tr>
              <td className="text-left">Total</td>
              <td />
              <Numbers sum={total} />
            </tr>
          </tfoot>
        </table>
      </section>
      {state === 'loading' && <p className="mt-2 text-muted">Older calls are being loaded…</p>}
    </section>
  )
}

function Legend() {
  return (
    <span className="flex flex-wrap gap-x-3">
      {PARTS.map(part => (
        <span key={part.name} className="flex items-center gap-1" title={part.title}>
          <span aria-hidden data-fill className={clsx('size-2 rounded-sm', part.bar)} />
          {part.short}
        </span>
      ))}
    </span>
  )
}

function Bar({ sum, most }: { sum: Sum; most: number }) {
  return (
    <span aria-hidden className="flex h-2 w-full gap-px overflow-hidden rounded-sm">
      {PARTS.map(
        part =>
          sum[part.name] > 0 && (
            <BarFill
              key={part.name}
              percent={(sum[part.name] / most) * 100}
              className={clsx('h-full', part.bar)}
            />
          ),
      )}
    </span>
  )
}

function Numbers({ sum }: { sum: Sum }) {
  return (
    <>
      <td>{sum.calls}</td>
      <td title={String(sum.input)}>{compact(sum.input)}</td>
      <td title={String(sum.cacheRead)}>{compact(sum.cacheRead)}</td>
      <td title={String(sum.cacheWrite)}>{compact(sum.cacheWrite)}</td>
      <td title={String(sum.output)}>{compact(sum.output)}</td>
      <td>{duration(sum.ms)}</td>
      <td title={sum.cost === null ? 'The price of this model is not known' : `$${sum.cost.toFixed(6)}`}>
        {cost(sum.cost)}
      </td>
    </>
  )
}

function IterationUsage({
  iteration,
  calls,
  sum,
  most,
  startsOpen,
}: {
  iteration: number
  calls: EventOf<'llm_usage'>[]
  sum: Sum
  most: number
  startsOpen: boolean
}) {
  const [isOpen, setOpen] = useState(startsOpen)
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <Fragment>
      <tr className="border-t first:border-t-0">
        <td className="py-0! text-left">
          <button
            type="button"
            aria-expanded={isOpen}
            aria-label={`Calls of iteration ${iteration}`}
            onClick={() => setOpen(!isOpen)}
            className="-ml-1 flex h-7 items-center gap-1 rounded-md px-1 font-medium hover:bg-raised coarse:h-11"
          >
            <Chevron aria-hidden className="size-3.5 text-muted" />
            {iteration}
          </button>
        </td>
        <td>
          <Bar sum={sum} most={most} />
        </td>
        <Numbers sum={sum} />
      </tr>
      {isOpen &&
        calls.map((call, i) => (
          <tr key={call.seq} className="text-muted">
            <td className="pl-7! text-left" colSpan={2}>
              call {i + 1} · {visible(call.payload.model)}
              {call.payload.attempts > 1 && ` · ${count(call.payload.attempts, 'attempt')}`}
              {call.payload.stop_reason && ` · ${visible(call.payload.stop_reason)}`}
            </td>
            <Numbers sum={plus(EMPTY, call)} />
          </tr>
        ))}
    </Fragment>
  )
}

function Totals({ total }: { total: Sum }) {
  const input = tokensIn(total)
  const cached = input === 0 ? 0 : Math.round((total.cacheRead / input) * 100)
  return (
    <dl className="mb-3 flex flex-wrap gap-x-8 gap-y-2 [&_dd]:text-lg [&_dd]:font-semibold [&_dt]:text-xs [&_dt]:text-muted">
      <div>
        <dt>Cost</dt>
        <dd>{cost(total.cost)}</dd>
      </div>
      <div>
        <dt>Tokens</dt>
        <dd>{compact(totalOf(total))}</dd>
      </div>
      <div>
        <dt>Input from the cache</dt>
        <dd>{cached} %</dd>
      </div>
      <div>
        <dt>Model time</dt>
        <dd>{duration(total.ms)}</dd>
      </div>
    </dl>
  )
}

/** A projection, and said to be one. */
function AtThisPace({ run, store }: { run: Run; store: RunEvents }) {
  const pace = paceOf(run, store.view().iterations)
  if (!pace) return null
  const { iterationsToGoal, costToGoal, costOfAll, endsBy } = pace
  const sentences = [
    iterationsToGoal !== null &&
      `nothing fails any more after ${count(iterationsToGoal, 'iteration')}${costToGoal === null ? '' : `, for ${cost(costToGoal)}`}`,
    costOfAll !== null &&
      costOfAll > 0 &&
      `all ${count(run.max_iterations, 'iteration')} cost ${cost(costOfAll)}`,
    endsBy && `the ${endsBy.budget} budget ends in iteration ${endsBy.iteration} of ${run.max_iterations}`,
  ].filter(Boolean)
  if (sentences.length === 0) return null
  return (
    <p className="mb-3 max-w-prose">
      <span className="text-muted">At this pace </span>
      {sentences.join('; ')}.
    </p>
  )
}
