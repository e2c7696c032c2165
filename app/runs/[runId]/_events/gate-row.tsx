import { Hand } from 'lucide-react'
import { count, duration } from '#lib/client/format'
import type { GateRow } from '#lib/contract/run-view'
import { oneLine, visible } from '../../../_ui/visible-text.ts'
import { AskedBefore } from '../asked-before.tsx'
import { FlagList } from '../flag-list.tsx'
import { ModelText } from '../model-text.tsx'
import type { Line } from './line.ts'
import { PlusMinus } from './tool-row.tsx'

export function gateLine(row: GateRow): Line {
  const { required, response } = row
  const answer = response?.payload
  const lines = required?.payload.diff_stat
  return {
    icon: <Hand aria-hidden className="size-3.5" />,
    tone: answer ? (answer.decision === 'approve' ? 'ok' : 'muted') : 'gate',
    label: 'gate',
    title: answer ? decided(row) : oneLine(`Needs you. ${required?.payload.summary ?? ''}`),
    facts: lines ? [<PlusMinus key="lines" {...lines} />] : [],
  }
}

function decided({ required, response }: GateRow): string {
  if (!response) return ''
  const { decision, decided_by, note, queued, approve_next: next } = response.payload
  const verb = { approve: 'Approved', deny: 'Denied', undo: 'Undone', abort: 'Aborted' }[decision]
  const more =
    next === undefined
      ? ''
      : next === 'rest'
        ? ', and all to come'
        : `, and the next ${count(next, 'iteration')}`
  const after = required ? ` after ${duration((response.ts - required.ts) * 1000)}` : ''
  const wait = queued ? ', waits for a free slot' : ''
  return oneLine(`${verb}${more} by ${decided_by}${after}${wait}${note ? ` — “${note}”` : ''}`)
}

export function GateBody({ row }: { row: GateRow }) {
  const asked = row.required?.payload
  return (
    <div className="grid gap-2">
      {asked && <p>{visible(asked.summary.slice(0, 2000))}</p>}
      {asked && asked.flags.length > 0 && <FlagList flags={asked.flags} />}
      {asked && <AskedBefore asked={asked} />}
      {asked?.agent_says && <ModelText text={asked.agent_says} />}
      {row.response?.payload.note && (
        <p className="border-l-2 pl-3 whitespace-pre-wrap">
          {visible(row.response.payload.note.slice(0, 8000))}
        </p>
      )}
    </div>
  )
}
