import clsx from 'clsx'
import { Target } from 'lucide-react'
import { count, duration } from '#lib/client/format'
import type { Payload } from '#lib/contract/event'
import type { CheckRow } from '#lib/contract/run-view'
import type { LiveOutput } from '../../../_hooks/run-events.ts'
import { Counting } from '../../../_ui/ago.tsx'
import { FlagList } from '../flag-list.tsx'
import { Output } from '../output.tsx'
import { VisibleText } from '../visible-code.tsx'
import { oneLine, visible } from '../visible-text.ts'
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
  if (check.flags?.length) facts.push(<span key="f">{count(check.flags.length, 'flag')}</span>)
  if (check.exit_code !== null && check.exit_code !== undefined) facts.push(`exit ${check.exit_code}`)
  facts.push(duration(check.duration_ms ?? 0))
  return {
    icon: <Target aria-hidden className="size-3.5" />,
    tone: check.achieved ? 'ok' : check.broken ? 'err' : 'warn',
    label: check.baseline ? 'baseline' : 'check',
    title: <b className="font-semibold">{verdict(row)}</b>,
    facts,
  }
}

function verdict({ check, failingBefore }: CheckRow): string {
  if (!check) return ''
  const { tests, achieved, broken, reason } = check.payload
  if (broken) return oneLine(`The check cannot run: ${reason}`)
  if (!tests) return oneLine(reason ?? '')
  if (achieved) return oneLine(`Goal met: ${reason}`)
  const was = failingBefore !== null && failingBefore !== tests.failed ? ` (was ${failingBefore})` : ''
  return `${tests.failed} failing of ${tests.total}${was}`
}

export function CheckBody({ row, live }: { row: CheckRow; live?: LiveOutput }) {
  const check = row.check?.payload
  if (!check)
    return live ? <Output text={live.text} tail cap={10} title="Output of the check so far" /> : null
  return <CheckDetails check={check} />
}

/** All that one verdict rests on. */
export function CheckDetails({ check }: { check: Payload<'goal_check'> }) {
  return (
    <div className="grid min-w-0 gap-2">
      <p>{visible((check.reason ?? '').slice(0, 2000))}</p>
      {check.flags?.length > 0 && <FlagList flags={check.flags} />}
      {check.tests && <TestSets tests={check.tests} />}
      {check.command && (
        <pre className="overflow-x-auto whitespace-pre-wrap">
          <span className="text-muted select-none">$ </span>
          <VisibleText text={check.command.slice(0, 4000)} />
        </pre>
      )}
      <Output text={check.output ?? ''} title="Output of the check" />
    </div>
  )
}

const SETS = [
  { name: 'newly_failing', title: 'Newly failing', tone: 'text-err' },
  { name: 'still', title: 'Still failing', tone: 'text-warn' },
  { name: 'fixed', title: 'Fixed', tone: 'text-ok' },
] as const

export function TestSets({ tests }: { tests: NonNullable<Payload<'goal_check'>['tests']> }) {
  const fresh = new Set(tests.newly_failing)
  const still = tests.failing.filter(name => !fresh.has(name))
  const sets = { newly_failing: tests.newly_failing, still, fixed: tests.fixed }
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,22rem),1fr))] gap-2">
      {SETS.filter(({ name }) => sets[name].length > 0).map(({ name, title, tone }) => (
        <TestSet key={name} title={title} tone={tone} names={sets[name]} />
      ))}
    </div>
  )
}

const SHOWN = 8

function TestSet({ title, tone, names }: { title: string; tone: string; names: string[] }) {
  const list = (some: string[]) =>
    some.map(name => (
      <li key={name} className="truncate font-mono text-mono" title={visible(name)}>
        <VisibleText text={name.slice(0, 500)} />
      </li>
    ))
  return (
    <section aria-label={title} className="min-w-0">
      <p className={clsx('text-xs font-medium', tone)}>
        {title} {names.length}
      </p>
      <ul>{list(names.slice(0, SHOWN))}</ul>
      {names.length > SHOWN && (
        <details>
          <summary className="text-xs text-muted">{names.length - SHOWN} more</summary>
          <ul>{list(names.slice(SHOWN))}</ul>
        </details>
      )}
    </section>
  )
}
