'use client'
import type { ReactNode } from 'react'
import { bytes, compact, cost, count, duration } from '#lib/client/format'
import type { RunEvent } from '#lib/contract/event'
import type { IterationFacts, Row } from '#lib/contract/run-view'
import { FileSign } from '../../_ui/diff/file-sign.tsx'
import { FileName } from '../../_ui/visible-code.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { PlusMinus } from './_events/tool-row.tsx'
import { checkTone, checkWords, eventsOf, iterationWords } from './row-words.ts'

type Fact = [name: string, value: ReactNode]

/** What is known of an event beside its text: when, how long, which call, what it cost, where it is. */
export function InspectorFacts({ row, link }: { row: Row; link: string }) {
  const events = eventsOf(row)
  const facts: Fact[] = [
    ['Time', <Moment key="t" at={events[0]?.ts ?? null} />],
    ...events.flatMap(factsOf),
    ['Seq', [...new Set([row.seq, ...events.map(event => event.seq)])].join(', ')],
    ['Kind', events.map(event => event.kind).join(', ') || 'iteration'],
  ]
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 border-t pt-2 text-xs">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <dt className="text-muted">Link</dt>
      <dd className="truncate">
        <a href={link} className="underline">
          {link}
        </a>
      </dd>
    </dl>
  )
}

function factsOf(event: RunEvent): Fact[] {
  switch (event.kind) {
    case 'tool_call':
      return [['Call', <code key="c">{visible(event.payload.call_id.slice(0, 200))}</code>]]
    case 'tool_result': {
      const { duration_ms, exit_code, bytes: size, truncated, status } = event.payload
      return [
        ['Took', duration(duration_ms)],
        ['Exit code', exit_code === null ? 'none' : String(exit_code)],
        ['Result', status],
        ['Output', truncated ? `${bytes(size)}, of which the model read what is kept` : bytes(size)],
      ]
    }
    case 'llm_usage': {
      const { payload } = event
      const cached = payload.cache_read_input_tokens
      const read = payload.input_tokens + cached + payload.cache_creation_input_tokens
      return [
        [
          'Tokens',
          `${compact(read)} in (${compact(cached)} from the cache), ${compact(payload.output_tokens)} out`,
        ],
        ['Cost', cost(payload.cost_usd)],
        ['Model', visible(payload.model)],
        ['Took', duration(payload.duration_ms)],
      ]
    }
    case 'goal_check':
      return [
        ['Took', duration(event.payload.duration_ms)],
        ['Exit code', event.payload.exit_code === null ? 'none' : String(event.payload.exit_code)],
      ]
    default:
      return []
  }
}

/** To the millisecond, in the reader's time zone. */
function Moment({ at }: { at: number | null }) {
  if (at === null) return '—'
  const date = new Date(at * 1000)
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return (
    <time dateTime={date.toISOString()} suppressHydrationWarning>
      {`${date.toLocaleTimeString([], { hour12: false })}.${ms}`}
    </time>
  )
}

/** An iteration's own story: where it got to, and which files it touched. */
export function IterationBody({ facts }: { facts: IterationFacts | undefined }) {
  if (!facts) return <p className="text-muted">What it did is not loaded.</p>
  const check = checkWords(facts)
  const files = facts.diffStat?.by_file ?? []
  return (
    <div className="grid min-w-0 gap-2">
      <p>
        {check && <b className={checkTone(facts)}>{check} </b>}
        <span className="text-muted">
          {iterationWords(facts, facts.endedAt ?? facts.startedAt)
            .slice(check ? 1 : 0)
            .join(' · ')}
        </span>
      </p>
      {facts.check && <p>{visible(facts.check.reason.slice(0, 2000))}</p>}
      {files.length > 0 && (
        <ul aria-label="Files it changed" className="grid gap-0.5">
          {files.map(file => (
            <li key={file.path} className="flex min-w-0 items-center gap-2">
              <FileSign status={file.status} />
              <FileName path={file.path} className="min-w-0 flex-1 truncate font-mono text-mono" />
              {file.binary ? <span className="text-xs text-muted">bin</span> : <PlusMinus {...file} />}
            </li>
          ))}
        </ul>
      )}
      {facts.diffStat && facts.diffStat.files > files.length && (
        <p className="text-xs text-muted">and {count(facts.diffStat.files - files.length, 'more file')}</p>
      )}
    </div>
  )
}
