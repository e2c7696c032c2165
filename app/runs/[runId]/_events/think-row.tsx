import { MessageCircleMore } from 'lucide-react'
import { compact, cost, count, duration } from '#lib/client/format'
import type { ThinkRow } from '#lib/contract/run-view'
import { Counting } from '../../../_ui/ago.tsx'
import { oneLine, visible } from '../../../_ui/visible-text.ts'
import { ModelText } from '../model-text.tsx'
import type { Line } from './line.ts'

export function thinkLine(row: ThinkRow): Line {
  const usage = row.usage?.payload
  const facts: Line['facts'] = []
  if (usage) {
    const read = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
    // A scripted conversation has no tokens.
    if (read + usage.output_tokens > 0)
      facts.push(`${compact(read)}→${compact(usage.output_tokens)} tok`, cost(usage.cost_usd))
    facts.push(duration(usage.duration_ms))
  } else if (row.state === 'open') facts.push(<Counting key="t" at={row.startedAt * 1000} />)
  return {
    icon: <MessageCircleMore aria-hidden className="size-3.5" />,
    tone: row.state === 'open' ? 'info' : 'muted',
    label: 'think',
    title: titleOf(row),
    facts,
  }
}

function titleOf(row: ThinkRow) {
  if (row.reasoning) return firstSentence(row.reasoning.payload.text)
  if (row.state === 'open') return 'Model is answering'
  if (row.state === 'interrupted') return 'The model’s answer was cut off'
  return <span className="text-muted">{ASIDE[row.usage?.payload.purpose ?? 'agent']}</span>
}

/** What was asked apart from the conversation has no words of its own in the stream. */
const ASIDE = {
  agent: 'no words, only tool calls',
  judge: 'a model was asked to judge the work',
  write_check: 'a model was asked to write the check',
}

function firstSentence(text: string): string {
  const line = oneLine(text, 400)
  const end = line.search(/[.!?:](\s|$)/)
  return end > 40 ? line.slice(0, end + 1) : line
}

/** Of words that are still coming, the newest. */
const LIVE_CHARS = 600

export function ThinkBody({ row, live }: { row: ThinkRow; live?: string }) {
  const usage = row.usage?.payload
  if (!row.reasoning && live)
    return <p className="max-w-[80ch] whitespace-pre-wrap text-muted">{visible(live.slice(-LIVE_CHARS))}</p>
  return (
    <div className="grid gap-2">
      {row.reasoning && <ModelText text={row.reasoning.payload.text} />}
      {usage && (
        <p className="text-xs text-muted">
          {usage.model} · {compact(usage.cache_read_input_tokens)} read from the cache,{' '}
          {compact(usage.cache_creation_input_tokens)} written to it, {compact(usage.input_tokens)} fresh ·
          stopped by {usage.stop_reason ?? 'nothing known'}
          {usage.attempts > 1 && ` · ${count(usage.attempts, 'attempt')}`}
        </p>
      )}
    </div>
  )
}
