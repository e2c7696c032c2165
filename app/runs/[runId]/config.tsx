'use client'
import { type ReactNode, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { addNote, configureRun } from '#lib/client/endpoints'
import { asCli, asCurl } from '#lib/client/new-run'
import { isFinal } from '#lib/client/status'
import { type GateMode, gatePolicyWords } from '#lib/contract/gate-policy'
import { networkText } from '#lib/contract/network'
import type { Run, RunConfig } from '#lib/contract/runs'
import { sandboxText } from '#lib/contract/sandbox-mode'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { Field, Input, Select, Textarea } from '../../_ui/field.tsx'
import { JudgedMark } from '../../_ui/judged-mark.tsx'
import { Panel } from '../../_ui/panel.tsx'
import { Snippet } from '../../_ui/snippet.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { requestOf } from './same-request.ts'
import { visible } from './visible-text.ts'

/** What was asked for, with every default resolved; what can still be changed; and the same in a terminal. */
export function Config({ run, origin }: { run: Run; origin: string }) {
  const request = requestOf(run)
  const { command, missing } = asCli(request)
  const isLive = !isFinal(run.status)
  return (
    <section aria-label="Config" className="min-h-0 flex-1 overflow-y-auto p-3 sm:p-4">
      <div className="grid min-w-0 items-start gap-4 @3xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          {isLive && (
            <>
              <Limits
                key={`${run.max_iterations} ${run.max_cost_usd} ${run.max_tokens} ${run.max_minutes} ${run.gate_policy.mode}`}
                run={run}
              />
              <NoteToAgent run={run} />
            </>
          )}
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
    ['Model', run.scripted ? `${run.model_name} (scripted: no model is called)` : run.model_name],
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
    facts.splice(2, 0, ['Succeeds when', <code key="s">{JSON.stringify(run.success_condition)}</code>])
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

const NUMBERS = [
  { name: 'max_iterations', label: 'Iterations', empty: '1 to 1000' },
  { name: 'max_cost_usd', label: 'Cost in USD', empty: 'no limit' },
  { name: 'max_tokens', label: 'Tokens', empty: 'no limit' },
  { name: 'max_minutes', label: 'Minutes', empty: 'no limit' },
] as const

/** Limits of a live run; they hold from its next step on. */
function Limits({ run }: { run: Run }) {
  const [values, setValues] = useState(() =>
    Object.fromEntries(NUMBERS.map(({ name }) => [name, run[name] === null ? '' : String(run[name])])),
  )
  const [gates, setGates] = useState(run.gate_policy.mode)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [isSaved, setSaved] = useState(false)
  const changes = changesOf(run, values, gates)
  const cutOff = useCutOff()

  async function save() {
    setPending(true)
    setError(null)
    try {
      await call(configureRun, { params: { run_id: run.run_id }, body: changes })
      setSaved(true)
    } catch (cause) {
      setError(cause)
    }
    setPending(false)
  }

  return (
    <Panel title="Limits, from the next step on">
      <form
        className="grid gap-3 p-3"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="grid grid-cols-2 gap-3 @xl:grid-cols-4">
          {NUMBERS.map(({ name, label, empty }) => (
            <Field
              key={name}
              label={label}
              error={error instanceof ProblemError ? error.field(`/${name}`) : null}
            >
              {ids => (
                <Input
                  {...ids}
                  inputMode="decimal"
                  placeholder={empty}
                  value={values[name]}
                  onChange={event => {
                    setSaved(false)
                    setValues({ ...values, [name]: event.target.value })
                  }}
                />
              )}
            </Field>
          ))}
        </div>
        <Field label="Human gate" hint={gates === 'off' ? null : 'It waits until a person decides'}>
          {ids => (
            <Select
              {...ids}
              className="w-full"
              value={gates}
              onChange={event => {
                setSaved(false)
                setGates(event.currentTarget.value as GateMode) // one of the three below
              }}
            >
              <option value="off">Off: it goes on by itself</option>
              <option value="each">After each iteration</option>
              <option value="flags">Only when there is something to look at (⚠)</option>
            </Select>
          )}
        </Field>
        {error !== null && (
          <p role="alert" className="text-err">
            {messageOf(error)}
          </p>
        )}
        <div className="flex items-center gap-3">
          <Button
            type="submit"
            kind="primary"
            disabled={isPending || Object.keys(changes).length === 0}
            blocked={cutOff}
          >
            {isPending ? 'Saving…' : 'Save limits'}
          </Button>
          <span role="status" className="text-ok">
            {isSaved && Object.keys(changes).length === 0 ? 'Saved' : ''}
          </span>
        </div>
      </form>
    </Panel>
  )
}

/** Only what differs; an emptied budget is removed. Values that are no numbers are left to the server's judgement. */
function changesOf(run: Run, values: Record<string, string>, gates: GateMode): RunConfig {
  const changes: Record<string, number | string | null> = {}
  for (const { name } of NUMBERS) {
    const typed = (values[name] ?? '').trim()
    if (typed === (run[name] === null ? '' : String(run[name]))) continue
    changes[name] = typed === '' ? null : Number(typed.replace(',', '.'))
  }
  if (gates !== run.gate_policy.mode) changes.gate_policy = gates
  return changes
}

/** A message that the agent reads before its next model call. */
function NoteToAgent({ run }: { run: Run }) {
  const [text, setText] = useState('')
  const [isPending, setPending] = useState(false)
  const cutOff = useCutOff()
  const [said, setSaid] = useState<{ ok: boolean; words: string } | null>(null)

  async function send() {
    setPending(true)
    try {
      await call(addNote, { params: { run_id: run.run_id }, body: { text: text.trim() } })
      setText('')
      setSaid({ ok: true, words: 'Sent. The agent reads it before its next model call.' })
    } catch (error) {
      setSaid({ ok: false, words: messageOf(error) })
    }
    setPending(false)
  }

  return (
    <Panel title="Note to the agent">
      <form
        className="grid gap-2 p-3"
        onSubmit={event => {
          event.preventDefault()
          void send()
        }}
      >
        <Textarea
          aria-label="Note to the agent"
          value={text}
          placeholder="The currency rules are in docs/money.md …"
          onChange={event => {
            setText(event.target.value)
            setSaid(null)
          }}
        />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" disabled={isPending || text.trim() === ''} blocked={cutOff}>
            {isPending ? 'Sending…' : 'Send note'}
          </Button>
          <span role={said?.ok === false ? 'alert' : 'status'} className={said?.ok ? 'text-ok' : 'text-err'}>
            {said?.words}
          </span>
        </div>
      </form>
    </Panel>
  )
}
