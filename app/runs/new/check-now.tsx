'use client'
import { CircleCheck, CircleX, FlaskConical, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { checkGoal, detectGoals } from '#lib/client/endpoints'
import { clock, count, duration } from '#lib/client/format'
import type { StartRunInput } from '#lib/client/new-run'
import type { CheckReport, ProjectSettings } from '#lib/contract/goals'
import { messageOf } from '#lib/errors'
import { useNow } from '../../_hooks/use-now.ts'
import { Button } from '../../_ui/button.tsx'
import { Notice } from '../../_ui/panel.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { AcceptSettings } from './accept-settings.tsx'

type State =
  | { at: 'start' }
  | { at: 'checking'; since: number }
  | { at: 'done'; report: CheckReport; of: string }
  | { at: 'failed'; reason: string; of: string }
  | { at: 'unaccepted'; config: ProjectSettings; of: string }

/** Runs the goal's check once, so that a goal that cannot work is known before it costs anything. */
export function CheckNow({ body, isByProject }: { body: StartRunInput; isByProject: boolean }) {
  const [state, setState] = useState<State>({ at: 'start' })
  const cutOff = useCutOff()
  const running = useRef<AbortController>(null)
  useEffect(() => () => running.current?.abort(), [])

  const { goal, goals, goal_options, cwd, check_command, check_timeout_seconds, success_condition } = body
  const request = { goal, goals, goal_options, cwd, check_command, check_timeout_seconds, success_condition }
  const of = JSON.stringify(request)

  async function check() {
    const stop = new AbortController()
    running.current = stop
    setState({ at: 'checking', since: Date.now() })
    try {
      const report = await call(checkGoal, { body: request, signal: stop.signal })
      setState({ at: 'done', report, of })
    } catch (error) {
      setState(stop.signal.aborted ? { at: 'start' } : await failed(error))
    }
  }

  async function failed(error: unknown): Promise<State> {
    const reason = messageOf(error)
    if (!(error instanceof ProblemError) || error.problem.code !== 'config_not_accepted')
      return { at: 'failed', reason, of }
    const found = await call(detectGoals, { body: { cwd } }).catch(() => null)
    return found?.config ? { at: 'unaccepted', config: found.config, of } : { at: 'failed', reason, of }
  }

  // A result of other settings says nothing about these.
  const shown = 'of' in state && state.of !== of ? { at: 'start' as const } : state
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        {shown.at === 'checking' ? (
          <Button onClick={() => running.current?.abort()}>Cancel the check</Button>
        ) : (
          <Button
            onClick={() => void check()}
            // Blank is a goal where the project decides, and none where one is still to be chosen.
            disabled={goal === '' && !isByProject}
            blocked={cutOff}
            icon={<FlaskConical aria-hidden className="size-3.5" />}
          >
            Check now
          </Button>
        )}
        <div role="status" className="min-w-0 text-muted">
          {shown.at === 'start' && 'Runs the check once. No agent, no tokens.'}
          {shown.at === 'checking' && <Checking since={shown.since} />}
          {shown.at === 'done' && <Verdict report={shown.report} />}
        </div>
      </div>
      {shown.at === 'failed' && (
        <div role="alert">
          <Notice tone="err">{shown.reason}</Notice>
        </div>
      )}
      {shown.at === 'unaccepted' && (
        <AcceptSettings cwd={cwd} config={shown.config} onAccepted={() => void check()} />
      )}
      {shown.at === 'done' && <Evidence report={shown.report} />}
    </div>
  )
}

function Checking({ since }: { since: number }) {
  const now = useNow(1000)
  return <>Checking… {clock(now - since)}</>
}

function Verdict({ report }: { report: CheckReport }) {
  const { achieved, broken, tests } = report
  const Icon = achieved ? CircleCheck : broken ? TriangleAlert : CircleX
  const said =
    !achieved && !broken && tests && tests.failed > 0
      ? `${tests.failed} failing of ${tests.total}`
      : report.reason
  return (
    <span className="flex items-start gap-1.5">
      <Icon
        aria-hidden
        className={`mt-0.75 size-3.5 shrink-0 ${achieved ? 'text-ok' : broken ? 'text-warn' : 'text-err'}`}
      />
      <span>
        <span className="font-medium text-text">{said}</span> · {duration(report.duration_ms)} · no tokens
        spent
        {achieved && '. Already met: a run would end at once.'}
      </span>
    </span>
  )
}

function Evidence({ report }: { report: CheckReport }) {
  const failing = report.tests?.failing ?? []
  return (
    <details className="rounded-md border">
      <summary className="px-3 py-1.5 text-muted hover:text-text">
        <code>{report.command}</code>
        {report.exit_code !== null && ` · exit ${report.exit_code}`}
        {failing.length > 0 && ` · ${count(failing.length, 'failing test')}`}
      </summary>
      {failing.length > 0 && (
        <ul className="border-t px-3 py-2 font-mono text-mono">
          {failing.slice(0, 20).map(name => (
            <li key={name}>{name}</li>
          ))}
          {failing.length > 20 && <li className="text-muted">and {failing.length - 20} more</li>}
        </ul>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className="max-h-72 overflow-auto border-t bg-panel px-3 py-2 whitespace-pre-wrap">
        {report.output || 'The command printed nothing.'}
      </pre>
    </details>
  )
}
