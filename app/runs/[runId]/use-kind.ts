'use client'
import { useEffect, useMemo, useState } from 'react'
import { call } from '#lib/client/call'
import { listEvents } from '#lib/client/endpoints'
import type { EventKind, EventOf, RunEvent } from '#lib/contract/event'
import { isShaped } from '#lib/contract/event-shape'
import { messageOf } from '#lib/errors'
import type { RunEvents } from '../../_hooks/run-events.ts'

export type KindState<K extends EventKind> =
  | { state: 'loading'; events: EventOf<K>[] }
  | { state: 'ready'; events: EventOf<K>[] }
  | { state: 'failed'; events: EventOf<K>[]; message: string }

/** Every event of one kind, live: those before the loaded window are fetched by kind, not with all that lies between. */
export function useKind<K extends EventKind>(runId: string, store: RunEvents, kind: K): KindState<K> {
  const first = store.firstSeq()
  const [older, setOlder] = useState<{ events: RunEvent[]; before: number } | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const isWhole = first <= 1 || (older !== null && older.before >= first)

  useEffect(() => {
    if (isWhole) return
    const controller = new AbortController()
    fetchKind(runId, kind, first, controller.signal).then(
      events => setOlder({ events, before: first }),
      error => {
        if (!controller.signal.aborted) setFailure(messageOf(error))
      },
    )
    return () => controller.abort()
  }, [runId, kind, first, isWhole])

  const { events: all } = store.view()
  const version = store.version()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of events is the same object while it grows
  const events = useMemo(() => {
    const isKind = (event: RunEvent): event is EventOf<K> => event.kind === kind
    const before = (older?.events ?? []).filter(event => event.seq < first)
    return [...before, ...all].filter(isKind)
  }, [older, all, version, kind, first])

  if (isWhole) return { state: 'ready', events }
  return failure ? { state: 'failed', events, message: failure } : { state: 'loading', events }
}

const PAGE = 1000

async function fetchKind(
  runId: string,
  kind: EventKind,
  before: number,
  signal: AbortSignal,
): Promise<RunEvent[]> {
  const found: RunEvent[] = []
  for (let after = 0; ; ) {
    const page = await call(listEvents, {
      params: { run_id: runId },
      query: { kind, after, limit: PAGE },
      signal,
    })
    found.push(...page.filter(event => event.seq < before && isShaped(event)))
    const last = page.at(-1)
    if (!last || page.length < PAGE || last.seq >= before) return found
    after = last.seq
  }
}
