'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { call } from '#lib/client/call'
import { listEvents } from '#lib/client/endpoints'
import { createRunView, type RunView } from '#lib/contract/run-view'
import { messageOf } from '#lib/errors'
import { parseFilter } from './filter-rows.ts'

export type OlderMatches =
  | { state: 'none' }
  | { state: 'loading' }
  /** `isAll`: there are no more that match. */
  | { state: 'ready'; view: RunView; isAll: boolean }
  | { state: 'failed'; message: string }

const MOST = 1000
const NONE: OlderMatches = { state: 'none' }

/** What the server can look for of a filter: the longest of its words; null where it has none. */
export function serverWords(typed: string): string | null {
  const { words, tools } = parseFilter(typed)
  return [...words, ...tools].toSorted((a, b) => b.length - a.length)[0] ?? null
}

/**
 * Events before those that are loaded, looked for by the server: of a hundred thousand nobody loads all to find one. Gone with
 * the filter they were looked for with.
 */
export function useOlderMatches(
  runId: string,
  before: number,
  typed: string,
): { found: OlderMatches; search(): void; clear(): void } {
  const [found, setFound] = useState(NONE)
  const running = useRef<AbortController | null>(null)
  const clear = useCallback(() => {
    running.current?.abort()
    setFound(NONE)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is a reason to begin anew
  useEffect(() => clear, [typed, runId, clear])

  function search() {
    const q = serverWords(typed)
    if (q === null) return
    const controller = new AbortController()
    running.current?.abort()
    running.current = controller
    setFound({ state: 'loading' })
    call(listEvents, {
      params: { run_id: runId },
      query: { before, limit: MOST, q },
      signal: controller.signal,
    }).then(
      events => {
        const view = createRunView()
        view.append(events)
        setFound({ state: 'ready', view, isAll: events.length < MOST })
      },
      error => {
        if (!controller.signal.aborted) setFound({ state: 'failed', message: messageOf(error) })
      },
    )
  }
  return { found, search, clear }
}
