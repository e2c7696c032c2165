import {
  Box,
  FilePenLine,
  Flag,
  Info,
  MessageSquareText,
  OctagonX,
  Pause,
  Play,
  RefreshCcw,
  RotateCw,
  ShieldAlert,
  Shrink,
  SlidersHorizontal,
  StepForward,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { cost, count, duration } from '#lib/client/format'
import { PAUSE_WORDS } from '#lib/client/hold-words'
import type { EventKind, EventOf, RunEvent } from '#lib/contract/event'
import type { EventRow } from '#lib/contract/run-view'
import { visible } from '../../../_ui/visible-text.ts'
import { ModelText } from '../model-text.tsx'
import { Output } from '../output.tsx'
import { eventLine, OUTCOME_WORDS } from '../row-words.ts'
import { WrittenCheckText } from '../written-check.tsx'
import type { Line, Tone } from './line.ts'

const size = { 'aria-hidden': true, className: 'size-3.5' } as const

const LOOKS: Partial<Record<EventKind, { icon: ReactNode; tone: Tone; label: string }>> = {
  run_start: { icon: <Play {...size} />, tone: 'muted', label: 'start' },
  run_end: { icon: <Flag {...size} />, tone: 'plain', label: 'end' },
  error: { icon: <OctagonX {...size} />, tone: 'err', label: 'error' },
  log: { icon: <Info {...size} />, tone: 'muted', label: 'log' },
  note: { icon: <MessageSquareText {...size} />, tone: 'info', label: 'note' },
  config_changed: { icon: <SlidersHorizontal {...size} />, tone: 'muted', label: 'config' },
  model_retry: { icon: <RotateCw {...size} />, tone: 'warn', label: 'retry' },
  paused: { icon: <Pause {...size} />, tone: 'warn', label: 'paused' },
  resumed: { icon: <StepForward {...size} />, tone: 'info', label: 'resumed' },
  recovered: { icon: <RefreshCcw {...size} />, tone: 'warn', label: 'recovered' },
  check_written: { icon: <FilePenLine {...size} />, tone: 'info', label: 'check' },
  sensitive_change: { icon: <ShieldAlert {...size} />, tone: 'warn', label: 'sensitive' },
  compacted: { icon: <Shrink {...size} />, tone: 'muted', label: 'shortened' },
}

const END_TONE = { achieved: 'ok', exhausted: 'warn', failed: 'err', aborted: 'muted' } as const

/** Any event in a row of its own; kinds this version does not know show what they carry. */
export function genericLine({ event, readSeq }: EventRow): Line {
  const look = (Object.hasOwn(LOOKS, event.kind) ? LOOKS[event.kind] : undefined) ?? {
    icon: <Box {...size} />,
    tone: 'muted',
    label: event.kind,
  }
  const line: Line = { ...look, title: wordsOf(event), facts: [] }
  switch (event.kind) {
    case 'run_end':
      line.tone = END_TONE[event.payload.status] ?? 'plain'
      line.title = <b className="font-semibold">{endTitle(event)}</b>
      line.facts = [
        count(event.payload.iterations, 'iteration'),
        cost(event.payload.estimated_cost_usd),
        duration(event.payload.duration_ms),
      ]
      break
    case 'log':
      if (event.payload.level !== 'info') {
        line.tone = event.payload.level === 'error' ? 'err' : 'warn'
        line.icon = <TriangleAlert {...size} />
      }
      break
    case 'note':
      line.facts = [
        `by ${event.payload.by}`,
        // Only where related events are one row is it known.
        ...(readSeq === undefined ? [] : [readSeq === null ? 'not read yet' : 'read']),
      ]
      break
    case 'config_changed':
      line.facts = [`by ${event.payload.by}`]
      break
    case 'paused':
      line.title = `${PAUSE_WORDS[event.payload.reason] ?? 'Paused'}. ${wordsOf(event)}`
      break
    case 'model_retry':
      if (event.payload.status !== null) line.facts = [`HTTP ${event.payload.status}`]
      break
  }
  return line
}

function wordsOf(event: RunEvent): string {
  try {
    return eventLine(event)
  } catch {
    return 'this event has a shape that this page does not know' // from another version; its payload is in the body
  }
}

const endTitle = (event: EventOf<'run_end'>) =>
  `${OUTCOME_WORDS[event.payload.outcome] ?? event.payload.status}. ${eventLine(event)}`

export function GenericBody({ row: { event } }: { row: EventRow }) {
  switch (event.kind) {
    case 'reasoning':
      return <ModelText text={event.payload.text} />
    case 'note':
      return <p className="whitespace-pre-wrap">{visible(event.payload.text.slice(0, 20_000))}</p>
    case 'error':
      return (
        <div className="grid gap-2">
          <p>{visible(event.payload.message.slice(0, 4000))}</p>
          {event.payload.code && <p className="text-xs text-muted">code {event.payload.code}</p>}
          {event.payload.traceback && <Output text={event.payload.traceback} title="Where it happened" />}
        </div>
      )
    case 'check_written':
      return (
        <div className="grid gap-2">
          <p className="whitespace-pre-wrap">{visible(event.payload.explanation.slice(0, 4000))}</p>
          <WrittenCheckText command={event.payload.command} files={event.payload.files} />
        </div>
      )
    case 'paused':
    case 'run_end':
      return <Json value={event.payload} label="All that is known" />
    default:
      return <Json value={event.payload} label="What the event carries" />
  }
}

/** Any value, as indented JSON; cut before it is written when it is huge. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return <Output text={jsonText(value)} title={label} />
}

const MAX_STRING = 20_000

function jsonText(value: unknown): string {
  const cut = (_: string, child: unknown) =>
    typeof child === 'string' && child.length > MAX_STRING
      ? `${child.slice(0, MAX_STRING)}… (${child.length} characters)`
      : child
  return (JSON.stringify(value, cut, 2) ?? String(value)).replaceAll('\\n', '\n  ')
}
