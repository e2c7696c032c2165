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

/**
 * The diff of an iteration or, with null, since the start; asked for again when `version` changes. Not asked for at all
 * where there can be none.
 */
export function useDiff(
  runId: string,
  iteration: number | null,
  version: string | number,
  isWanted = true,
): [DiffState, () => void] {
  const [held, setHeld] = useState<{ of: number | null; state: DiffState }>(NOTHING)
  const [again, setAgain] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is a reason to ask again
  useEffect(() => {
    if (!isWanted) return
    const controller = new AbortController()
    const setState = (state: DiffState) => setHeld({ of: iteration, state })
    setHeld(now => ({
      of: iteration,
      state: {
        state: 'loading',
        before: now.of === iteration && now.state.state === 'ready' ? now.state.diff : null,
      },
    }))
    call(getDiff, {
      params: { run_id: runId },
      query: iteration === null ? {} : { iteration },
      signal: controller.signal,
    }).then(
      diff => setState({ state: 'ready', diff }),
      error => {
        if (!controller.signal.aborted) setState({ state: 'failed', message: messageOf(error) })
      },
    )
    return () => controller.abort()
  }, [runId, iteration, version, again, isWanted])

  // Between a change of the iteration and the effect above, the diff at hand is another one's.
  const state = held.of === iteration ? held.state : NOTHING.state
  return [state, useCallback(() => setAgain(n => n + 1), [])]
}

const NOTHING: { of: number | null; state: DiffState } = {
  of: null,
  state: { state: 'loading', before: null },
}
