'use client'
import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { listEvents } from '#lib/client/endpoints'
import { createRunView, type RunView } from '#lib/contract/run-view'
import { messageOf } from '#lib/errors'
import type { RunEvents } from '../../_hooks/run-events.ts'

export type IterationView =
  | { state: 'ready'; view: RunView }
  | { state: 'loading' }
  | { state: 'failed'; message: string }

const MOST = 5000

/**
 * The view that holds an iteration: the live one, or, where that begins later, one of this iteration alone. So the first of
 * a hundred iterations is shown without loading the ninety-nine after it.
 */
export function useIterationView(runId: string, store: RunEvents, iteration: number | null): IterationView {
  const view = store.view()
  const firstSeq = iteration === null ? null : (view.iteration(iteration)?.firstSeq ?? null)
  const isOlder = firstSeq !== null && firstSeq < store.firstSeq()
  const [fetched, setFetched] = useState<{ iteration: number; found: IterationView } | null>(null)

  useEffect(() => {
    if (!isOlder || iteration === null) return
    const controller = new AbortController()
    call(listEvents, {
      params: { run_id: runId },
      query: { iteration, limit: MOST },
      signal: controller.signal,
    }).then(
      events => {
        const made = createRunView()
        made.append(events)
        setFetched({ iteration, found: { state: 'ready', view: made } })
      },
      error => {
        if (controller.signal.aborted) return
        setFetched({ iteration, found: { state: 'failed', message: messageOf(error) } })
      },
    )
    return () => controller.abort()
  }, [runId, iteration, isOlder])

  if (!isOlder) return { state: 'ready', view }
  return fetched?.iteration === iteration ? fetched.found : { state: 'loading' }
}
