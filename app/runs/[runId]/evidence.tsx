'use client'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { getEvidence } from '#lib/client/endpoints'
import { bytes, count, duration } from '#lib/client/format'
import type { EventOf } from '#lib/contract/event'
import type { Evidence } from '#lib/contract/evidence'
import type { Run } from '#lib/contract/runs'
import { sandboxText } from '#lib/contract/sandbox-mode'
import { messageOf } from '#lib/errors'
import { CopyButton } from '../../_ui/copy-button.tsx'
import { Failure, Loading } from '../../_ui/panel.tsx'
import { FileName } from '../../_ui/visible-code.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { WrittenFiles } from '../../_ui/written-files.tsx'
import { CaseList } from './case-list.tsx'
import { Output } from './output.tsx'

/** What is kept of a check, so that its verdict can be looked at by anyone. Loaded when it is asked for. */
export function EvidenceOf({ run, check }: { run: Run; check: EventOf<'goal_check'> }) {
  const [isOpen, setOpen] = useState(false)
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <section aria-label="Evidence" className="mt-3 min-w-0 rounded-md border">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex min-h-8 w-full items-center gap-2 rounded-md px-3 text-left hover:bg-panel coarse:min-h-11"
      >
        <Chevron aria-hidden className="size-3.5 shrink-0 text-muted" />
        <span className="shrink-0 font-medium">Evidence</span>
        <span className="hidden truncate text-xs text-muted @md:inline">
          environment, protected files, every test, the whole output
        </span>
      </button>
      {isOpen && <Loaded runId={run.run_id} iteration={check.iteration} digest={check.payload.evidence!} />}
    </section>
  )
}

type State = { at: 'loading' } | { at: 'ready'; evidence: Evidence } | { at: 'failed'; reason: string }

function Loaded({ runId, iteration, digest }: { runId: string; iteration: number; digest: string }) {
  const [state, setState] = useState<State>({ at: 'loading' })
  const [again, setAgain] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another digest is another check of the same iteration
  useEffect(() => {
    const stop = new AbortController()
    setState({ at: 'loading' })
    call(getEvidence, { params: { run_id: runId }, query: { iteration }, signal: stop.signal }).then(
      evidence => setState({ at: 'ready', evidence }),
      error => {
        if (!stop.signal.aborted) setState({ at: 'failed', reason: messageOf(error) })
      },
    )
    return () => stop.abort()
  }, [runId, iteration, digest, again])

  switch (state.at) {
    case 'loading':
      return <Loading rows={4} label="Loading the evidence" />
    case 'failed':
      return (
        <Failure
          title="The evidence could not be loaded"
          detail={state.reason}
          onRetry={() => setAgain(n => n + 1)}
        />
      )
    case 'ready':
      return <Details evidence={state.evidence} />
    default:
      return state satisfies never
  }
}

function Details({ evidence }: { evidence: Evidence }) {
  const { environment, tests, written } = evidence
  const facts: [string, ReactNode][] = [
    ['Command', <code key="c">{visible(evidence.command)}</code>],
    [
      'Ended with',
      `${evidence.exit_code === null ? 'no exit code' : `exit code ${evidence.exit_code}`} after ${duration(evidence.duration_ms)}`,
    ],
    ['Checked', `${evidence.checked_at.replace('T', ' ').slice(0, 19)} UTC`],
    ['Machine', `${environment.platform} · Node ${environment.node} · retrAI ${environment.retrai}`],
    ['Sandbox', sandboxText(environment.sandbox)],
    [
      'Tools',
      environment.tools.length > 0
        ? environment.tools.map(({ name, version }) => `${name} ${version}`).join(', ')
        : 'none known',
    ],
    ...(environment.variables.length > 0
      ? [['Variables', environment.variables.map(name => visible(name)).join(', ')] as [string, ReactNode]]
      : []),
    ...(evidence.confirmations.length > 0
      ? [['Run again', evidence.confirmations.map(confirmed).join('; ')] as [string, ReactNode]]
      : []),
  ]
  return (
    <div className="grid min-w-0 gap-4 border-t px-3 py-3">
      <dl className="grid min-w-0 gap-x-4 gap-y-1.5 @md:grid-cols-[6rem_minmax(0,1fr)]">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0 @md:contents">
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0">{value}</dd>
          </div>
        ))}
        <div className="min-w-0 @md:contents">
          <dt className="text-muted">Digest</dt>
          <dd className="flex min-w-0 items-center gap-1">
            <code className="min-w-0 truncate" title={`SHA-256 ${evidence.digest}`}>
              {evidence.digest}
            </code>
            <CopyButton text={evidence.digest} label="Copy the digest of the evidence" className="-my-1" />
          </dd>
        </div>
      </dl>
      {written && (
        <Part title="The check that was written for this run">
          <WrittenFiles files={written.files} />
        </Part>
      )}
      <Protected evidence={evidence} />
      {tests && tests.cases.length > 0 && (
        <Part title={tests.unit === 'problems' ? 'Every finding' : 'Every test'}>
          <CaseList cases={tests.cases} total={tests.total} />
        </Part>
      )}
      <Part title={`Whole output, ${bytes(evidence.bytes)}${evidence.truncated ? ', cut' : ''}`}>
        <Output text={evidence.output} title="Whole output of the check" />
      </Part>
    </div>
  )
}

const confirmed = (one: Evidence['confirmations'][number]) =>
  `${one.achieved ? 'green' : visible(one.reason)} after ${duration(one.duration_ms)}`

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0">
      <h2 className="mb-1 text-xs font-medium text-muted">{title}</h2>
      {children}
    </section>
  )
}

const STATE = {
  restored: { word: 'put back for the check', tone: 'text-warn' },
  removed: { word: 'taken away for the check', tone: 'text-warn' },
  changed: { word: 'changed, and checked so', tone: 'text-err' },
  unchanged: { word: 'unchanged', tone: 'text-muted' },
} as const

const SHOWN = 200

/** What the check may not be fooled with, and what became of it: what was touched comes first. */
function Protected({ evidence }: { evidence: Evidence }) {
  const { protected: files, protected_total: total } = evidence
  const touched = files.filter(({ state }) => state !== 'unchanged')
  const rest = files.filter(({ state }) => state === 'unchanged')
  const row = (file: (typeof files)[number]) => (
    <li key={file.path} className="flex min-w-0 flex-wrap items-baseline gap-x-3">
      <FileName path={file.path} className="min-w-0 font-mono text-mono" />
      <span className={`text-xs ${STATE[file.state].tone}`}>{STATE[file.state].word}</span>
      {file.blob && (
        <code className="ml-auto text-2xs text-muted" title={`git hash-object: ${file.blob}`}>
          {file.blob.slice(0, 10)}
        </code>
      )}
    </li>
  )
  return (
    <Part
      title={`Protected files: ${total}, ${touched.length === 0 ? 'none touched' : `${touched.length} touched`}`}
    >
      {touched.length > 0 && <ul>{touched.slice(0, SHOWN).map(row)}</ul>}
      {rest.length > 0 && (
        <details>
          <summary className="text-xs text-muted coarse:py-3">
            {count(rest.length, 'unchanged file')}
            {rest.length > SHOWN && `, the first ${SHOWN} shown`}
          </summary>
          <ul>{rest.slice(0, SHOWN).map(row)}</ul>
        </details>
      )}
    </Part>
  )
}
