import { CircleCheck, CircleX, Repeat, TriangleAlert } from 'lucide-react'
import { count, duration } from '#lib/client/format'
import type { Payload } from '#lib/contract/event'
import { JudgedMark } from '../../../_ui/judged-mark.tsx'
import { VisibleText } from '../../../_ui/visible-code.tsx'
import { visible } from '../../../_ui/visible-text.ts'
import { FlagList } from '../flag-list.tsx'
import { Output } from '../output.tsx'
import { saidYes } from '../progress-words.ts'
import { Measured } from './measured.tsx'
import { TestSets } from './test-sets.tsx'

type Check = Payload<'goal_check'>
type Part = NonNullable<Check['goals']>[number]

/** All that one verdict rests on. */
export function CheckDetails({ check }: { check: Check }) {
  return (
    <div className="grid min-w-0 gap-2.5">
      <p>{visible((check.reason ?? '').slice(0, 2000))}</p>
      {(check.judged || check.confirmations !== undefined) && <Marks check={check} />}
      {check.flags?.length > 0 && <FlagList flags={check.flags} isGreen={saidYes(check)} />}
      {check.goals && check.goals.length > 0 && <Parts parts={check.goals} />}
      {check.measurement && <Measured measurement={check.measurement} />}
      {check.tests && (
        <TestSets
          tests={check.tests}
          isBaseline={check.baseline}
          counts={check.achieved || !saidYes(check)}
        />
      )}
      {/* What a model judges has words in the place of a command. */}
      {check.command && !check.goals && !check.judged && <Command text={check.command} />}
      <Output text={check.output ?? ''} title="Output of the check" />
    </div>
  )
}

export function Command({ text }: { text: string }) {
  return (
    <pre className="overflow-x-auto whitespace-pre-wrap">
      <span className="text-muted select-none">$ </span>
      <VisibleText text={text.slice(0, 4000)} />
    </pre>
  )
}

function Marks({ check: { judged, confirmations, flags } }: { check: Check }) {
  const isFlaky = flags.some(flag => flag.code === 'flaky')
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      {judged && <JudgedMark long />}
      {confirmations !== undefined && (
        <span className="flex items-center gap-1.5">
          <Repeat aria-hidden className="size-3.5" />
          {isFlaky
            ? `run again: it stayed green ${count(confirmations, 'time')}, then it did not`
            : `run again ${count(confirmations, 'time')}, it stayed green`}
        </span>
      )}
    </p>
  )
}

/** Of a run with several goals: each by itself. All must hold. */
function Parts({ parts }: { parts: Part[] }) {
  const met = parts.filter(part => part.achieved).length
  return (
    <section aria-label="Goals">
      <p className="mb-1 text-xs font-medium text-muted">
        {met} of {count(parts.length, 'goal')} met; all must hold
      </p>
      <ul className="divide-y divide-line rounded-md border">
        {parts.map((part, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the goals of a run keep their places
          <li key={i} className="grid min-w-0 gap-1 px-3 py-2">
            <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5">
              <PartIcon part={part} />
              <b className="font-semibold">{visible(part.goal)}</b>
              <span className={part.achieved ? 'text-ok' : part.broken ? 'text-err' : 'text-warn'}>
                {part.achieved ? 'met' : part.broken ? 'cannot run' : 'not met'}
              </span>
              <span className="ml-auto text-xs whitespace-nowrap text-muted">
                {part.exit_code === null ? '' : `exit ${part.exit_code} · `}
                {duration(part.duration_ms)}
              </span>
            </div>
            <p className="text-muted">{visible(part.reason.slice(0, 1000))}</p>
            {part.measurement && <Measured measurement={part.measurement} />}
            {part.command && part.exit_code !== null && <Command text={part.command} />}
          </li>
        ))}
      </ul>
    </section>
  )
}

function PartIcon({ part }: { part: Part }) {
  const Icon = part.achieved ? CircleCheck : part.broken ? TriangleAlert : CircleX
  const tone = part.achieved ? 'text-ok' : part.broken ? 'text-err' : 'text-warn'
  return <Icon aria-hidden className={`size-3.5 shrink-0 ${tone}`} />
}
