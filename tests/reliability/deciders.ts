// People who answer gates, three at once and not of one mind: the first answer counts, and all answers must agree on it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Life } from './life.ts'
import { createRandom } from './random.ts'
import type { Requests } from './requests.ts'

export interface GateAnswer {
  gateId: string
  wanted: 'approve' | 'abort'
  status: number
  /** What a 200 says was decided. */
  decision: string | null
}

interface OpenGate {
  gate_id: string
  run_id: string
  iteration: number
}

const LOOK_MS = 40
/** How often the third of them wants the run to end. */
const ABORTS = 0.12

/** Answers every gate that opens until the signal aborts; resolves with what was answered. */
export async function decideGates(
  seed: number,
  { life, requests, signal }: { life: Life; requests: Requests; signal: AbortSignal },
): Promise<GateAnswer[]> {
  const seen = new Set<string>()
  const answers: GateAnswer[] = []
  const open: Promise<void>[] = []

  async function decide({ gate_id, run_id }: OpenGate, wanted: 'approve' | 'abort') {
    const reply = await requests.persist('POST', `/api/runs/${run_id}/resume`, { decision: wanted, gate_id })
    if (!reply) return
    const decision = reply.status === 200 ? String(reply.json.decision) : null
    answers.push({ gateId: gate_id, wanted, status: reply.status, decision })
  }

  while (!signal.aborted) {
    await sleep(LOOK_MS)
    if (!life.isUp()) continue
    const reply = await requests.attempt('GET', '/api/gates?status=open')
    if (reply?.status !== 200) continue
    for (const gate of reply.json as unknown as OpenGate[]) {
      if (seen.has(gate.gate_id)) continue
      seen.add(gate.gate_id)
      const third = createRandom(seed, 'gate', seen.size).chance(ABORTS) ? 'abort' : 'approve'
      open.push(decide(gate, 'approve'), decide(gate, third), decide(gate, 'approve'))
    }
  }
  await Promise.all(open)
  return answers
}
