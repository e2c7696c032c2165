'use client'
import clsx from 'clsx'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { getDiff } from '#lib/client/endpoints'
import { count } from '#lib/client/format'
import type { RunDiff } from '#lib/contract/run-history'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { Empty, Failure, Loading } from '../_ui/panel.tsx'

const DiffView = dynamic(() => import('../_ui/diff/diff-view.tsx').then(m => m.DiffView), {
  ssr: false,
  loading: () => <Loading rows={10} label="Loading the diff" />,
})

const SCOPES = [
  ['both', 'A to B'],
  ['a', 'A since its start'],
  ['b', 'B since its start'],
] as const
type Scope = (typeof SCOPES)[number][0]

type State = { at: 'loading' } | { at: 'ready'; diff: RunDiff | null } | { at: 'failed'; reason: string }

/** What tells the results apart, or what each of them changed. */
export function CompareDiff({ a, b }: { a: Run; b: Run }) {
  // Results of different directories have nothing in common to be compared by.
  const isComparable = a.cwd === b.cwd
  const [scope, setScope] = useState<Scope>(isComparable ? 'both' : 'a')
  const [state, setState] = useState<State>({ at: 'loading' })
  const [again, setAgain] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is a reason to ask once more
  useEffect(() => {
    const stop = new AbortController()
    setState({ at: 'loading' })
    const of = scope === 'a' ? a : b
    const query = scope === 'both' ? { against: a.run_id } : {}
    call(getDiff, { params: { run_id: of.run_id }, query, signal: stop.signal }).then(
      diff => setState({ at: 'ready', diff }),
      error => {
        if (!stop.signal.aborted) setState({ at: 'failed', reason: messageOf(error) })
      },
    )
    return () => stop.abort()
  }, [scope, a.run_id, b.run_id, again])

  return (
    <section aria-label="Diff" className="min-w-0 space-y-3">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">What is shown</legend>
        {SCOPES.map(([name, words]) => (
          <button
            key={name}
            type="button"
            aria-pressed={scope === name}
            disabled={name === 'both' && !isComparable}
            title={name === 'both' && !isComparable ? 'They worked in different directories' : undefined}
            onClick={() => setScope(name)}
            className={clsx(
              'h-7 rounded-md border px-2.5 disabled:cursor-not-allowed disabled:opacity-55 coarse:h-11',
              scope === name
                ? 'border-control bg-raised font-medium'
                : 'border-line text-muted hover:text-text',
            )}
          >
            {words}
          </button>
        ))}
      </fieldset>
      {state.at === 'loading' && <Loading rows={8} label="Loading the diff" />}
      {state.at === 'failed' && (
        <Failure title="No diff" detail={state.reason} onRetry={() => setAgain(n => n + 1)} />
      )}
      {state.at === 'ready' && <Shown diff={state.diff} scope={scope} />}
    </section>
  )
}

function Shown({ diff, scope }: { diff: RunDiff | null; scope: Scope }) {
  if (diff === null)
    return (
      <Empty title="No snapshots were taken">
        Diffs need git on the server. It is not installed, or it was not when the run began.
      </Empty>
    )
  if (diff.patch === '')
    return <Empty title={scope === 'both' ? 'Both ended with the same files' : 'It changed nothing'} />
  const { files, insertions, deletions } = diff.stat
  return (
    <>
      <p className="text-muted">
        {count(files, 'file')} <span className="text-ok">+{insertions}</span>{' '}
        <span className="text-err">−{deletions}</span>
        {diff.truncated && ' · longer than 2 MiB, the rest is cut'}
      </p>
      <DiffView patch={diff.patch} wraps truncated={diff.truncated} />
    </>
  )
}
