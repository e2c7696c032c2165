// What must hold for the journal of any run, however often the server was ended in between.
import type { RunEvent } from '#lib/contract/event'

/** A sentence for each fault. `hasEnded`: whether the run says that it is over. */
export function journalFaults(runId: string, events: RunEvent[], hasEnded: boolean): string[] {
  const faults: string[] = []
  const say = (what: string) => faults.push(`run ${runId}: ${what}`)
  const calls = new Map<string, number>()
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) say(`event ${index + 1} has seq ${event.seq}`)
    if (event.kind === 'tool_call') {
      if (calls.has(event.payload.call_id)) say(`tool call ${event.payload.call_id} is there twice`)
      calls.set(event.payload.call_id, 0)
    }
    if (event.kind === 'tool_result') {
      const { call_id } = event.payload
      const answers = calls.get(call_id)
      if (answers === undefined) say(`the result of ${call_id} comes without its call`)
      if ((answers ?? 0) > 0) say(`tool call ${call_id} has more than one result`)
      calls.set(call_id, (answers ?? 0) + 1)
    }
    if (event.kind === 'run_end' && index !== events.length - 1) say('something follows run_end')
  }
  if (hasEnded && events.at(-1)?.kind !== 'run_end') say('it has ended without run_end')
  if (hasEnded) {
    for (const [call, answers] of calls) if (answers === 0) say(`tool call ${call} has no result`)
  }
  return faults
}

/** All events of a run by REST, however many. */
export async function allEvents(
  client: { events(runId: string, query: string): Promise<RunEvent[]> },
  runId: string,
): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for (;;) {
    const page = await client.events(runId, `?limit=1000&after=${events.at(-1)?.seq ?? 0}`)
    events.push(...page)
    if (page.length < 1000) return events
  }
}
