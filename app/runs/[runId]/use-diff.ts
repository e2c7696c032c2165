'use client'
import { useCallback, useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { getDiff } from '#lib/client/endpoints'
import type { RunDiff } from '#lib/contract/run-history'
import { messageOf } from '#lib/errors'

export type DiffState =
  | { state: 'loading'; before: RunDiff | null }
  /** `diff: null`: no snapshots are taken on this server. */
  | { state: 'ready'; diff: RunDiff | null }
  | { state: 'failed'; message: string }

/** One iteration, several (both ends included), or with null all since the start, as it is now. */
export type DiffScope = number | { from: number; to: number } | null

/**
 * The diff of a scope; asked for again when `version` changes. Not asked for at all where there can be none.
 */
export function useDiff(
  runId: string,
  scope: DiffScope,
  version: string | number,
  isWanted = true,
): [DiffState, () => void] {
  const query = JSON.stringify(
    scope === null
      ? {}
      : typeof scope === 'number'
        ? { iteration: scope }
        : { from: scope.from, to: scope.to },
  )
  const [held, setHeld] = useState<{ of: string; state: DiffState }>(NOTHING)
  const [again, setAgain] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is a reason to ask again
  useEffect(() => {
    if (!isWanted) return
    const controller = new AbortController()
    const setState = (state: DiffState) => setHeld({ of: query, state })
    setHeld(now => ({
      of: query,
      state: {
        state: 'loading',
        before: now.of === query && now.state.state === 'ready' ? now.state.diff : null,
      },
    }))
    call(getDiff, {
      params: { run_id: runId },
      query: JSON.parse(query),
      signal: controller.signal,
    }).then(
      diff => setState({ state: 'ready', diff }),
      error => {
        if (!controller.signal.aborted) setState({ state: 'failed', message: messageOf(error) })
      },
    )
    return () => controller.abort()
  }, [runId, query, version, again, isWanted])

  // Between a change of the scope and the effect above, the diff at hand is another one's.
  const state = held.of === query ? held.state : NOTHING.state
  return [state, useCallback(() => setAgain(n => n + 1), [])]
}

const NOTHING: { of: string; state: DiffState } = {
  of: '',
  state: { state: 'loading', before: null },
}
