import { Target } from 'lucide-react'
import { count, duration } from '#lib/client/format'
import type { Payload } from '#lib/contract/event'
import type { CheckRow } from '#lib/contract/run-view'
import type { LiveOutput } from '../../../_hooks/run-events.ts'
import { Counting } from '../../../_ui/ago.tsx'
import { JudgedMark } from '../../../_ui/judged-mark.tsx'
import { oneLine } from '../../../_ui/visible-text.ts'
import { Output } from '../output.tsx'
import { saidYes } from '../progress-words.ts'
import { CheckDetails } from './check-details.tsx'
import type { Line } from './line.ts'

export function checkLine(row: CheckRow): Line {
  const check = row.check?.payload
  if (!check)
    return {
      icon: <Target aria-hidden className="size-3.5" />,
      tone: row.state === 'open' ? 'info' : 'warn',
      label: 'check',
      title: row.state === 'open' ? 'The goal’s check is running' : 'The check was interrupted',
      facts: row.state === 'open' ? [<Counting key="t" at={row.startedAt * 1000} />] : [],
    }
  const facts: Line['facts'] = []
  if (check.judged) facts.push(<JudgedMark key="j" />)
  if (check.confirmations) facts.push(`run again ${check.confirmations}×`)
  if (check.flags?.length) facts.push(<span key="f">{count(check.flags.length, 'flag')}</span>)
  if (check.exit_code !== null && check.exit_code !== undefined) facts.push(`exit ${check.exit_code}`)
  facts.push(duration(check.duration_ms ?? 0))
  return {
    icon: <Target aria-hidden className="size-3.5" />,
    tone: check.achieved ? 'ok' : check.broken || isRefused(check) ? 'err' : 'warn',
    label: check.baseline ? 'baseline' : 'check',
    title: <b className="font-semibold">{verdict(row)}</b>,
    facts,
  }
}

const isRefused = (check: Payload<'goal_check'>) =>
  saidYes(check) && !check.achieved && check.flags.some(flag => flag.blocks)

function verdict({ check, failingBefore }: CheckRow): string {
  if (!check) return ''
  const { tests, achieved, broken, reason } = check.payload
  if (broken) return oneLine(`The check cannot run: ${reason}`)
  if (isRefused(check.payload)) return oneLine(`Green does not count: ${reason}`)
  if (!tests) return oneLine(reason ?? '')
  if (achieved) return oneLine(`Goal met: ${reason}`)
  const was = failingBefore !== null && failingBefore !== tests.failed ? ` (was ${failingBefore})` : ''
  if (tests.unit === 'problems') return `${count(tests.failed, 'problem')}${was}`
  return `${tests.failed} failing of ${tests.total}${was}`
}

export function CheckBody({ row, live }: { row: CheckRow; live?: LiveOutput }) {
  const check = row.check?.payload
  if (!check)
    return live ? <Output text={live.text} tail cap={10} title="Output of the check so far" /> : null
  return <CheckDetails check={check} />
}
