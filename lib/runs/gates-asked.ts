// Gates across runs, with what each of them asks: that stands in its event alone.
import type { Payload } from '#lib/contract/event'
import type { Gate } from '#lib/contract/gates'
import type { GateRecord, Store } from '#lib/store/types'
import { toGate } from './gate-decision.ts'

/** Of one run. */
const MAX_GATES = 1000

export async function withWhatTheyAsk(
  store: Pick<Store, 'readEvents'>,
  gates: GateRecord[],
): Promise<Gate[]> {
  const asked = new Map<string, Payload<'human_check_required'>>()
  for (const runId of new Set(gates.map(gate => gate.runId))) {
    const events = await store.readEvents(runId, { kinds: ['human_check_required'], limit: MAX_GATES })
    for (const event of events)
      if (event.kind === 'human_check_required') asked.set(event.payload.gate_id, event.payload)
  }
  return gates.map(gate => toGate(gate, asked.get(gate.id)))
}
