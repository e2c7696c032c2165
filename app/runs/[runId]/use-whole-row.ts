'use client'
import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { listEvents } from '#lib/client/endpoints'
import type { RunEvent } from '#lib/contract/event'
import type { Row } from '#lib/contract/run-view'
import { messageOf } from '#lib/errors'
import { isLightened, withEvents } from './row-texts.ts'
import { eventsOf } from './row-words.ts'

interface Whole {
  /** As it is stored, as soon as it is there. */
  row: Row
  isLoading: boolean
  /** Why what is missing could not be had. */
  problem: string | null
}

/** A row whose events were cut for the first HTML, with all of them. */
export function useWholeRow(runId: string, row: Row): Whole {
  const [held, setHeld] = useState<{ of: string; events: RunEvent[]; problem: string | null }>(NOTHING)
  const missing = eventsOf(row)
    .filter(isLightened)
    .map(event => event.seq)
    .join(',')

  useEffect(() => {
    if (missing === '') return
    const controller = new AbortController()
    const fetchOne = (seq: number) =>
      call(listEvents, {
        params: { run_id: runId },
        query: { after: seq - 1, limit: 1 },
        signal: controller.signal,
      })
    Promise.all(missing.split(',').map(seq => fetchOne(Number(seq)))).then(
      events => setHeld({ of: missing, events: events.flat(), problem: null }),
      error => {
        if (!controller.signal.aborted) setHeld({ of: missing, events: [], problem: messageOf(error) })
      },
    )
    return () => controller.abort()
  }, [runId, missing])

  if (missing === '') return { row, isLoading: false, problem: null }
  const isHere = held.of === missing
  return {
    row: isHere ? withEvents(row, held.events) : row,
    isLoading: !isHere,
    problem: isHere ? held.problem : null,
  }
}

const NOTHING = { of: '', events: [], problem: null }
