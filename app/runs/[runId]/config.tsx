'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { asCli, asCurl } from '#lib/client/new-run'
import { isFinal } from '#lib/client/status'
import { gatePolicyWords } from '#lib/contract/gate-policy'
import { networkText } from '#lib/contract/network'
import type { NoteState } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { sandboxText } from '#lib/contract/sandbox-mode'
import { JudgedMark } from '../../_ui/judged-mark.tsx'
import { Panel } from '../../_ui/panel.tsx'
import { Snippet } from '../../_ui/snippet.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { LimitsForm } from './limits-form.tsx'
import { NoteToAgent } from './note-to-agent.tsx'
import { requestOf } from './same-request.ts'

/** What was asked for, with every default resolved; what can still be changed; and the same in a terminal. */
export function Config({
  run,
  origin,
  notes,
  startsAtLimits,
}: {
  run: Run
  origin: string
  notes: readonly NoteState[]
  /** Somebody asked for them: the first of them has the focus. */
  startsAtLimits: boolean
}) {
  const request = requestOf(run)
  const { command, missing } = asCli(request)
  const isLive = !isFinal(run.status)
  return (
    <section aria-label="Config" className="min-h-0 flex-1 overflow-y-auto p-3 sm:p-4">
      <div className="grid min-w-0 items-start gap-4 @3xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          {isLive && <LimitsForm run={run} startsFocused={startsAtLimits} />}
          <Panel title="Note to the agent">
            <NoteToAgent run={run} notes={notes} />
          </Panel>
          <Panel title="As it was asked for">
            <Facts run={run} />
          </Panel>
        </div>
        <Panel title="The same from a terminal">
          <div className="grid min-w-0 gap-4 p-3">
            <div className="min-w-0">
              <h3 className="mb-1 text-xs text-muted">Command line</h3>
              <Snippet text={command} label="Command line" />
              {missing.length > 0 && (
                <p className="mt-1 text-xs text-muted">
                  No flag for {missing.join(', ').replaceAll('_', ' ')}: use the API.
                </p>
              )}
            </div>
            <div className="min-w-0">
              <h3 className="mb-1 text-xs text-muted">API</h3>
              <Snippet text={asCurl(request, origin)} label="API call with curl" />
            </div>
            <div className="min-w-0">
              <h3 className="mb-1 text-xs text-muted">Follow this run</h3>
              <Snippet text={`retrai logs -f ${run.run_id}`} label="Follow this run" />
            </div>
          </div>
        </Panel>
      </div>
    </section>
  )
}

function Facts({ run }: { run: Run }) {
  const facts: [string, ReactNode][] = [
    ['Goal', <span key="g">{visible(run.goal)}</span>],
    ['Checked by', <Goals key="c" run={run} />],
    ['Directory', <code key="d">{visible(run.cwd)}</code>],
    ['Model', visible(run.scripted ? `${run.model_name} (scripted: no model is called)` : run.model_name)],
    ['Iterations', `at most ${run.max_iterations}`],
    ['Cost', run.max_cost_usd === null ? 'no limit' : `at most $${run.max_cost_usd}`],
    ['Tokens', run.max_tokens === null ? 'no limit' : `at most ${run.max_tokens}`],
    ['Time', run.max_minutes === null ? 'no limit' : `at most ${run.max_minutes} minutes`],
    ['Gate', gatePolicyWords(run.gate_policy)],
    ['Protected tests', protectWords(run)],
    ['Green check', run.confirm === 0 ? 'counts at once' : `is run again ${run.confirm}×`],
    [
      'No progress',
      run.no_progress_iterations === 0
        ? 'goes on for ever'
        : `ends it after ${run.no_progress_iterations} iterations with the same failures`,
    ],
    ['Sandbox', run.sandbox === 'off' ? 'off: commands run plainly' : sandboxText(run.sandbox)],
    ['Network', run.sandbox === 'off' ? 'as the server has it' : networkText(run.network)],
    ['Created', new Date(run.created_at).toISOString().replace('T', ' ').slice(0, 19)],
    ['Run id', <code key="i">{run.run_id}</code>],
  ]
  if (run.success_condition)
    facts.splice(2, 0, [
      'Succeeds when',
      <code key="s">{visible(JSON.stringify(run.success_condition))}</code>,
    ])
  if (run.continues !== null)
    facts.push([
      'Goes on from',
      <Link key="o" href={`/runs/${run.continues}`} className="underline">
        <code>{run.continues}</code>
      </Link>,
    ])
  if (run.priority !== 0) facts.push(['Priority', String(run.priority)])
  if (run.instructions) facts.push(['Instructions', visible(run.instructions)])
  return (
    <dl className="divide-y">
      {facts.map(([name, value]) => (
        <div key={name} className="grid grid-cols-[8rem_minmax(0,1fr)] gap-2 px-3 py-1.5">
          <dt className="text-muted">{name}</dt>
          <dd className="whitespace-pre-wrap">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Each goal, the command that decides, and its settings. */
function Goals({ run }: { run: Run }) {
  return (
    <ul className="grid gap-1">
      {run.goals.map(({ goal, check_command, goal_options }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the goals of a run keep their places
        <li key={i} className="min-w-0">
          {check_command === undefined || run.goals.length > 1 ? visible(goal) : null}{' '}
          {check_command !== undefined && <code>{visible(check_command)}</code>}
          {goal_options && Object.keys(goal_options).length > 0 && (
            <code className="block text-muted">{visible(JSON.stringify(goal_options, null, 1))}</code>
          )}
        </li>
      ))}
      {run.judged && (
        <li>
          <JudgedMark long />
        </li>
      )}
    </ul>
  )
}

function protectWords({ protect }: Run): string {
  if (Array.isArray(protect)) return protect.map(visible).join(', ')
  const words = {
    enforce: 'the check runs with the tests as they were at the start',
    report: 'changes are flagged only',
    off: 'off',
  }
  return words[protect]
}
