'use client'
import { CircleCheck, CircleX } from 'lucide-react'
import { clock, count, duration } from '#lib/client/format'
import type { Verification } from '#lib/contract/evidence'
import { useNow } from '../../_hooks/use-now.ts'
import { Button } from '../../_ui/button.tsx'
import { Notice } from '../../_ui/panel.tsx'
import { FileName } from '../../_ui/visible-code.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { FlagList } from './flag-list.tsx'
import { Output } from './output.tsx'
import type { Verify } from './use-verify.ts'

/** What became of the check when it ran again. */
export function VerifyAnswer({ verify: { state, cancel } }: { verify: Verify }) {
  return (
    <div role="status" className="min-w-0">
      {state.at === 'checking' && (
        <p className="flex flex-wrap items-center gap-2">
          <span>
            {state.isCheckout
              ? 'Checking a fresh copy of what was judged'
              : 'Checking the directory as it is now'}
            … <Elapsed since={state.since} />
          </span>
          <Button onClick={cancel}>Cancel</Button>
        </p>
      )}
      {state.at === 'failed' && <Notice tone="err">It could not be verified. {state.reason}</Notice>}
      {state.at === 'done' && <Answer answer={state.answer} isCheckout={state.isCheckout} />}
    </div>
  )
}

function Elapsed({ since }: { since: number }) {
  const now = useNow(1000)
  return <span className="font-mono">{clock(now - since)}</span>
}

function Answer({ answer, isCheckout }: { answer: Verification; isCheckout: boolean }) {
  const { agrees, was, now, files, differences } = answer
  const Icon = agrees ? CircleCheck : CircleX
  return (
    <section
      aria-label="Verification"
      className={`grid min-w-0 gap-2 rounded-lg border px-3 py-2.5 ${agrees ? 'border-ok/50' : 'border-err/50'}`}
    >
      <p className="flex flex-wrap items-center gap-x-2">
        <Icon aria-hidden className={`size-4 shrink-0 ${agrees ? 'text-ok' : 'text-err'}`} />
        <b className={`font-semibold ${agrees ? 'text-ok' : 'text-err'}`}>
          {agrees ? 'It agrees' : 'It does not agree'}
        </b>
        <span className="text-muted">
          {isCheckout ? 'in a fresh copy of what was judged' : 'in its directory, as it is now'} ·{' '}
          {duration(now.duration_ms)} · no tokens spent
        </span>
      </p>
      {agrees && <p>{visible(answer.reason.slice(0, 2000))}</p>}
      {differences.length > 0 && (
        <ul aria-label="Differences" className="list-disc pl-5">
          {differences.map(difference => (
            <li key={difference}>{visible(difference.slice(0, 1000))}</li>
          ))}
        </ul>
      )}
      <div className="grid gap-x-6 gap-y-1 @lg:grid-cols-2">
        <Side title="Then" achieved={was.achieved} reason={was.reason} counts={was} />
        <Side title="Now" achieved={now.achieved} reason={now.reason} counts={now} />
      </div>
      {now.flags.length > 0 && <FlagList flags={now.flags} isGreen={now.exit_code === 0 && !now.achieved} />}
      {files.changed.length > 0 && (
        <details>
          <summary className="text-xs text-muted coarse:py-3">
            {count(files.changed.length, 'file')} that {files.changed.length === 1 ? 'differs' : 'differ'}
          </summary>
          <ul className="font-mono text-mono">
            {files.changed.map(file => (
              <li key={file}>
                <FileName path={file} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary className="text-xs text-muted coarse:py-3">
          Output{now.exit_code !== null && `, exit ${now.exit_code}`}
        </summary>
        <Output text={now.output} title="Output of the verification" className="mt-1" />
      </details>
    </section>
  )
}

function Side({
  title,
  achieved,
  reason,
  counts,
}: {
  title: string
  achieved: boolean
  reason: string
  counts: { passed: number | null; failed: number | null }
}) {
  return (
    <p className="min-w-0">
      <span className="text-muted">{title}</span>{' '}
      <b className={`font-medium ${achieved ? 'text-ok' : 'text-warn'}`}>{achieved ? 'met' : 'not met'}</b>
      {counts.passed !== null && counts.failed !== null && (
        <span className="text-muted">
          {' '}
          · {counts.passed} passed, {counts.failed} failing
        </span>
      )}
      <span className="block text-muted">{visible(reason.slice(0, 500))}</span>
    </p>
  )
}
