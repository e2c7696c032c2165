'use client'
import clsx from 'clsx'
import { Ban, Check, ChevronDown, ChevronUp, Square } from 'lucide-react'
import dynamic from 'next/dynamic'
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { configureRun, resumeRun } from '#lib/client/endpoints'
import { cost, count } from '#lib/client/format'
import type { EventOf } from '#lib/contract/event'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import type { Resume } from '#lib/contract/gates'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { useIsMac } from '../../_hooks/use-is-mac.ts'
import { useStored } from '../../_hooks/use-stored.ts'
import { Counting } from '../../_ui/ago.tsx'
import { AlsoReviewing } from '../../_ui/also-reviewing.tsx'
import { Button, IconButton } from '../../_ui/button.tsx'
import { InlineConfirm } from '../../_ui/inline-confirm.tsx'
import { Loading, Notice } from '../../_ui/panel.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { StatusIcon } from '../../_ui/status-icon.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { FileName } from '../../_ui/visible-code.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { PlusMinus } from './_events/tool-row.tsx'
import { AskedBefore } from './asked-before.tsx'
import { FlagList } from './flag-list.tsx'
import { GateDeadline } from './gate-deadline.tsx'
import { GateMore } from './gate-more.tsx'
import { gateWords, isBefore } from './gate-words.ts'
import { keepScrollKeys } from './keep-keys.ts'
import { ModelText } from './model-text.tsx'
import { PanelBoundary } from './panel-boundary.tsx'
import { useDiff } from './use-diff.ts'

const DiffView = dynamic(() => import('../../_ui/diff/diff-view.tsx').then(m => m.DiffView), {
  ssr: false,
  loading: () => <Loading rows={6} label="Loading the diff" />,
})

export interface GateHandle {
  focus(): void
  askAbort(): void
}

type Scope = 'iteration' | 'all'

/**
 * The run waits for a person: what this iteration achieved, touched and cost, and the decision. It stands outside the
 * stream, so that nothing that scrolls can lose it or what is typed into it.
 */
export function GatePanel({
  run,
  gate,
  isSmall,
  setSmall,
  onTooLate,
  handle,
}: {
  run: Run
  gate: EventOf<'human_check_required'>
  /** Folded to a line, so that the stream has the room. */
  isSmall: boolean
  setSmall(small: boolean): void
  /** Somebody else had decided otherwise: who, and when. This panel goes with their decision. */
  onTooLate(sentence: string): void
  handle: Ref<GateHandle>
}) {
  const asked = gate.payload
  const words = gateWords(asked)
  const hasNoDiff = isBefore(asked)
  const root = useRef<HTMLElement>(null)
  const approve = useRef<HTMLButtonElement>(null)
  /** What is asked about once more before it is done. */
  const [asking, setAsking] = useState<'abort' | 'undo' | null>(null)
  const isMac = useIsMac()
  const [scope, setScope] = useState<Scope>('iteration')
  const [pending, setPending] = useState<DecisionWord | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [hasChanged, setChanged] = useState(false)
  const [note, setNote] = useStored(`retrai.gate.${asked.gate_id}`, '')
  const [state, refresh] = useDiff(
    run.run_id,
    scope === 'iteration' ? asked.iteration : null,
    gate.seq,
    !hasNoDiff,
  )
  const cutOff = useCutOff()

  function focusApprove() {
    setSmall(false)
    setAsking(null)
    requestAnimationFrame(() => approve.current?.focus())
  }
  function askAbort() {
    setSmall(false)
    setAsking('abort')
  }
  useImperativeHandle(handle, () => ({ focus: () => root.current?.focus(), askAbort }))

  const isInside = () => root.current?.contains(document.activeElement) ?? false
  useShortcuts('gate', [
    { keys: 'a', does: 'Go to Approve (↵ then approves)', hint: 'approve', run: focusApprove },
    {
      keys: '$mod+Enter',
      does: 'Approve, when the focus is in the gate',
      whileTyping: true,
      run: () => {
        if (isInside() && !asking) void decide('approve')
      },
    },
  ])

  const diff = state.state === 'ready' ? state.diff : null
  // What is approved is what was shown: the diff on screen, or the one the gate was opened with.
  const reviewed = diff?.diff_hash ?? asked.diff_hash ?? undefined

  async function decide(decision: DecisionWord, more: Pick<Resume, 'approve_next'> = {}) {
    if (pending || cutOff) return
    setPending(decision)
    setProblem(null)
    try {
      await call(resumeRun, {
        params: { run_id: run.run_id },
        body: {
          decision,
          gate_id: asked.gate_id,
          ...more,
          reviewed: decision === 'approve' || decision === 'undo' ? reviewed : undefined,
          note: note.trim() || undefined,
        },
      })
      setNote('')
      // The panel goes with the event of the decision; until then the buttons stay pressed.
    } catch (error) {
      setPending(null)
      setAsking(null)
      if (error instanceof ProblemError && error.problem.code === 'diff_changed') {
        // Only the comparison with the start looks at the directory as it is now.
        setChanged(true)
        setScope('all')
        refresh()
      } else if (error instanceof ProblemError && error.problem.code === 'gate_decided')
        onTooLate(error.problem.detail)
      else setProblem(messageOf(error))
    }
  }

  // What has not been run spends nothing of what is left for the work.
  const spent = hasNoDiff ? null : spentBudget(run)
  const flagged = asked.flags.flatMap(flag => (flag.path === null ? [] : [flag.path]))
  return (
    <section
      ref={root}
      tabIndex={-1}
      onKeyDown={keepScrollKeys}
      aria-label={words.name}
      className={clsx(
        '@container flex min-h-0 shrink-0 flex-col border-t-2 border-gate bg-bg shadow-pop outline-offset-[-2px]',
        !isSmall && 'max-sm:flex-1 sm:max-h-[max(20rem,calc(100dvh-26rem))]',
      )}
    >
      <header className="flex min-h-9 shrink-0 items-center gap-2 bg-gate-tint px-3 py-1 text-gate-text sm:px-4">
        <StatusIcon status="waiting" />
        <h2 className="min-w-0 flex-1 truncate">
          <b className="font-semibold">NEEDS YOU</b>
          <span> — {words.title}</span>
        </h2>
        <span className="shrink-0 text-xs whitespace-nowrap">
          <span className="max-sm:sr-only">open </span>
          <Counting at={gate.ts * 1000} className="font-mono" />
        </span>
        <IconButton
          label={isSmall ? 'Show the gate' : 'Fold the gate away'}
          aria-expanded={!isSmall}
          onClick={() => setSmall(!isSmall)}
          className="text-gate-text! hover:bg-gate/20!"
        >
          {isSmall ? (
            <ChevronUp aria-hidden className="size-4" />
          ) : (
            <ChevronDown aria-hidden className="size-4" />
          )}
        </IconButton>
      </header>
      <AlsoReviewing gateId={asked.gate_id} />
      {!isSmall && (
        <>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
            <div className="grid gap-2 px-3 py-2.5 sm:px-4">
              {words.ask ? (
                <p className="font-medium">{visible(words.ask)}</p>
              ) : (
                <Delta run={run} gate={gate} />
              )}
              {asked.flags.length > 0 && (
                <FlagList flags={asked.flags} isGreen={asked.tests !== null && asked.tests.failed === 0} />
              )}
              {spent && <SpentNotice run={run} spent={spent} />}
              {hasChanged && (
                <Notice tone="warn">
                  The directory changed since you looked. This is the new diff, since the start of the run:
                  review it, then decide again.
                </Notice>
              )}
              {asked.agent_says && (
                <div className="flex gap-2">
                  <span className="shrink-0 text-muted">{asked.check ? 'It says' : 'Agent'}</span>
                  <AgentWords text={asked.agent_says} />
                </div>
              )}
            </div>
            {hasNoDiff && (
              <div className="px-3 pb-3 sm:px-4">
                <AskedBefore asked={asked} />
              </div>
            )}
            {/* A diff that cannot be drawn, because the server went before it had sent the code for it, takes no decision away. */}
            {!hasNoDiff && (
              <PanelBoundary name="The diff" compact>
                <GateDiff
                  asked={asked}
                  scope={scope}
                  onScope={next => {
                    setScope(next)
                    setChanged(false)
                  }}
                  state={state}
                  flagged={flagged}
                  onRetry={refresh}
                />
              </PanelBoundary>
            )}
          </div>
          <footer className="shrink-0 border-t bg-panel px-3 py-2 sm:px-4">
            {problem && (
              <p role="alert" className="mb-2 text-err">
                {problem}
              </p>
            )}
            {cutOff && <p className="mb-2 text-warn">{cutOff}.</p>}
            <GateDeadline run={run} gate={gate} />
            {asking === 'abort' ? (
              <InlineConfirm
                question="Abort the run? What it changed stays in the directory."
                action="Abort the run"
                isPending={pending === 'abort'}
                onConfirm={() => void decide('abort')}
                onCancel={() => setAsking(null)}
              />
            ) : asking === 'undo' ? (
              <InlineConfirm
                question={undoQuestion(asked.iteration, spent !== null, note.trim() !== '')}
                action={spent ? 'Undo and end' : 'Undo and go on'}
                pending="Undoing…"
                isPending={pending === 'undo'}
                onConfirm={() => void decide('undo')}
                onCancel={() => setAsking(null)}
              />
            ) : (
              <div className="flex flex-col gap-2 @2xl:flex-row @2xl:items-center">
                <label className="flex min-w-0 flex-1 items-center">
                  <span className="sr-only">Note to the agent (optional)</span>
                  <textarea
                    value={note}
                    onChange={event => setNote(event.target.value)}
                    rows={1}
                    placeholder="Note to the agent (optional): keep the public API …"
                    className="field-sizing-content max-h-28 min-h-7 w-full min-w-0 resize-none rounded-md border border-control bg-bg px-2 py-[3px] coarse:min-h-11 coarse:py-2.5 coarse:text-[16px]"
                  />
                </label>
                <div className="flex items-center gap-2">
                  <Button
                    icon={<Square aria-hidden className="size-3" />}
                    onClick={askAbort}
                    disabled={pending !== null}
                    blocked={cutOff}
                    hint="⇧X"
                    className="@max-2xl:flex-1"
                  >
                    Abort
                  </Button>
                  {asked.command && (
                    <Button
                      icon={<Ban aria-hidden className="size-3.5" />}
                      onClick={() => void decide('deny')}
                      aria-disabled={pending !== null}
                      blocked={cutOff}
                      className="@max-2xl:flex-1"
                    >
                      {pending === 'deny' ? 'Denying…' : 'Deny'}
                    </Button>
                  )}
                  <Button
                    ref={approve}
                    kind="primary"
                    icon={<Check aria-hidden className="size-3.5" />}
                    onClick={() => void decide('approve')}
                    aria-disabled={pending !== null}
                    blocked={cutOff}
                    hint={isMac ? '⌘↵' : 'Ctrl ↵'}
                    className="@max-2xl:flex-2"
                  >
                    {pending === 'approve' ? 'Approving…' : spent ? 'Approve and end' : words.approve}
                  </Button>
                </div>
              </div>
            )}
            {!hasNoDiff && asking === null && (
              <GateMore
                onApproveNext={next => void decide('approve', { approve_next: next })}
                onUndo={() => setAsking('undo')}
                isPending={pending !== null}
                canUndo={asked.diff_hash !== null}
                blocked={cutOff}
              />
            )}
          </footer>
        </>
      )}
    </section>
  )
}

function undoQuestion(iteration: number, isLast: boolean, hasNote: boolean): string {
  const what = `Put back what iteration ${iteration} changed`
  if (isLast) return `${what}? That ends the run, whose budget is spent.`
  return `${what}, and go on? The agent is told${hasNote ? ', with your note' : ''}.`
}

/** Which budget is used up, as the server will see it when the gate is approved. */
function spentBudget(run: Run): 'iterations' | 'cost' | 'tokens' | null {
  if (run.iteration >= run.max_iterations) return 'iterations'
  if (run.max_cost_usd !== null && (run.estimated_cost_usd ?? 0) >= run.max_cost_usd) return 'cost'
  return run.max_tokens !== null && run.total_tokens >= run.max_tokens ? 'tokens' : null
}

const MORE_ITERATIONS = 5

/** Approving with a spent budget would end the run: said before, with the way out. */
function SpentNotice({ run, spent }: { run: Run; spent: 'iterations' | 'cost' | 'tokens' }) {
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const cutOff = useCutOff()

  async function extend() {
    setPending(true)
    setError(null)
    try {
      await call(configureRun, {
        params: { run_id: run.run_id },
        body: { max_iterations: Math.min(1000, run.max_iterations + MORE_ITERATIONS) },
      })
    } catch (cause) {
      setError(messageOf(cause))
    }
    setPending(false)
  }

  return (
    <Notice tone="warn" className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>
        {spent === 'iterations'
          ? `All ${count(run.max_iterations, 'iteration')} are used: approving ends the run.`
          : `The ${spent} budget is spent: approving ends the run. Raise it under Config first to go on.`}
      </span>
      {spent === 'iterations' && (
        <Button onClick={() => void extend()} disabled={isPending} blocked={cutOff}>
          {isPending ? 'Extending…' : `Allow ${MORE_ITERATIONS} more iterations`}
        </Button>
      )}
      {error && <span role="alert">{error}</span>}
    </Notice>
  )
}

/** Is it getting better, what did it touch, what did it cost: two lines that decide most gates. */
function Delta({ run, gate }: { run: Run; gate: EventOf<'human_check_required'> }) {
  const { tests, failing_before, iteration_cost_usd, cost_usd, diff_stat, total_diff_stat } = gate.payload
  const total = cost(cost_usd)
  return (
    <dl className="flex flex-wrap items-baseline gap-x-6 gap-y-1 [&_dd]:inline [&_dt]:mr-2 [&_dt]:inline [&_dt]:text-muted">
      <div>
        <dt>Goal</dt>
        <dd>
          {tests ? (
            <>
              <b className="font-semibold">
                failing {failing_before !== null && failing_before !== tests.failed && `${failing_before} → `}
                {tests.failed}
              </b>{' '}
              of {tests.total}
              <span className="text-ok"> · fixed {tests.fixed.length}</span>
              <span className={tests.newly_failing.length > 0 ? 'font-medium text-err' : 'text-muted'}>
                {' '}
                · newly failing {tests.newly_failing.length}
              </span>
            </>
          ) : (
            visible((run.reason ?? gate.payload.summary).slice(0, 300))
          )}
        </dd>
      </div>
      <div>
        <dt>Cost</dt>
        <dd>
          {iteration_cost_usd !== null && <b className="font-semibold">+{cost(iteration_cost_usd)}</b>}{' '}
          <span className="text-muted">
            (total {total}
            {run.max_cost_usd !== null && ` of ${cost(run.max_cost_usd)}`})
          </span>
        </dd>
      </div>
      {diff_stat && (
        <div>
          <dt>Diff</dt>
          <dd>
            {count(diff_stat.files, 'file')} <PlusMinus {...diff_stat} />
            {total_diff_stat && total_diff_stat.files > 0 && gate.payload.iteration > 1 && (
              <span className="text-muted">
                {' '}
                (since the start {count(total_diff_stat.files, 'file')} +{total_diff_stat.insertions} −
                {total_diff_stat.deletions})
              </span>
            )}
          </dd>
        </div>
      )}
    </dl>
  )
}

const SHORT_WORDS = 240

/** The agent's own words are a claim, and short unless asked for. */
function AgentWords({ text }: { text: string }) {
  const [all, setAll] = useState(false)
  const isLong = text.length > SHORT_WORDS
  return (
    <div className="min-w-0">
      <ModelText text={all || !isLong ? text : `${text.slice(0, SHORT_WORDS).trimEnd()}…`} />
      {isLong && (
        <button type="button" onClick={() => setAll(!all)} className="text-xs text-muted underline">
          {all ? 'Less' : 'All of it'}
        </button>
      )}
    </div>
  )
}

function GateDiff({
  asked,
  scope,
  onScope,
  state,
  flagged,
  onRetry,
}: {
  asked: EventOf<'human_check_required'>['payload']
  scope: Scope
  onScope(scope: Scope): void
  state: ReturnType<typeof useDiff>[0]
  flagged: string[]
  onRetry(): void
}) {
  const [wraps, setWraps] = useState(false)
  useEffect(() => setWraps(window.innerWidth < 700), [])
  const diff = state.state === 'ready' ? state.diff : state.state === 'loading' ? state.before : null
  const stat = diff?.stat ?? (scope === 'iteration' ? asked.diff_stat : asked.total_diff_stat)
  if (!stat)
    return (
      <p className="px-4 pb-3 text-muted">
        {state.state === 'loading'
          ? 'Comparing the directory…'
          : 'No diff: snapshots of the directory need git.'}
      </p>
    )
  const shape = 'h-6 rounded-sm px-2 coarse:h-11'
  return (
    <div className="px-3 pb-3 sm:px-4">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <fieldset className="flex rounded-md border border-control p-px">
          <legend className="sr-only">Diff of</legend>
          {(['iteration', 'all'] as const).map(value => (
            <button
              key={value}
              type="button"
              aria-pressed={scope === value}
              onClick={() => onScope(value)}
              className={clsx(shape, scope === value ? 'bg-raised font-medium' : 'text-muted')}
            >
              {value === 'iteration' ? 'This iteration' : 'All since start'}
            </button>
          ))}
        </fieldset>
        <ul className="flex min-w-0 flex-wrap gap-x-3">
          {stat.by_file.slice(0, 6).map(file => (
            <li key={file.path} className="font-mono text-mono">
              <FileName path={file.path} /> <PlusMinus {...file} />
            </li>
          ))}
          {stat.files > 6 && <li className="text-muted">and {count(stat.files - 6, 'more file')}</li>}
          {stat.files === 0 && <li className="text-muted">no file changed</li>}
        </ul>
      </div>
      {state.state === 'failed' ? (
        <div role="alert" className="flex items-center gap-2 text-err">
          The diff could not be made: {state.message}
          <Button onClick={onRetry}>Try again</Button>
        </div>
      ) : diff && diff.patch !== '' ? (
        <DiffView patch={diff.patch} wraps={wraps} truncated={diff.truncated} flagged={flagged} />
      ) : (
        state.state === 'loading' && <Loading rows={4} label="Comparing the directory" />
      )}
    </div>
  )
}
