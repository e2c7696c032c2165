// A page of a run's history as NDJSON: the server sends it as it was stored, in less than half of the time that JSON takes.
import type { RunEvent } from '../contract/event.ts'
import { answerOf } from './call.ts'
import { listEvents } from './endpoints.ts'

export async function fetchEvents(
  runId: string,
  query: { after?: number; before?: number; limit: number },
): Promise<RunEvent[]> {
  const response = await answerOf(listEvents, {
    params: { run_id: runId },
    query,
    headers: { accept: 'application/x-ndjson' },
  })
  return parseLines(await response.text())
}

/** In one go: a parse per line takes twice as long. A line break stands in no JSON text but between the lines. */
export const parseLines = (ndjson: string): RunEvent[] =>
  JSON.parse(`[${ndjson.trimEnd().replaceAll('\n', ',')}]`) as RunEvent[] // written from stored events
