// What one run made of its faults, held against a healthy one and against what the model's server sent.
import type { RunEvent } from '#lib/contract/event'
import type { Run } from '#lib/contract/runs'
import type { Usage } from '#lib/models/model'
import { costOf, factsOf } from '#lib/models/pricing'
import type { Reply } from './model-faults-plan.ts'

export interface Healthy {
  status: string
  iterations: number
  ledger: string[]
}

export interface Witness {
  run: Run
  events: RunEvent[]
  /** Lines that its commands wrote, in order. */
  ledger: string[]
  /** What was sent to it, in order. */
  replies: Reply[]
  /** Requests that the Messages API would have refused, and such as should not have come. */
  wrongRequests: string[]
}

export interface Verdict {
  isAchieved: boolean
  isWrongIteration: boolean
  partialCalls: number
  duplicates: number
  /** In sentences, without the run's name. */
  broken: string[]
}

export function judge({ run, events, ledger, replies, wrongRequests }: Witness, healthy: Healthy): Verdict {
  const broken = [...wrongRequests]
  const iterations = run.final_state?.iteration ?? -1
  if (run.status !== healthy.status) broken.push(`ended ${run.status}: ${run.reason}`)
  if (iterations !== healthy.iterations)
    broken.push(`took ${iterations} iterations, not ${healthy.iterations}`)

  const partial = ledger.filter(line => line.startsWith('forbidden'))
  const done = ledger.filter(line => !line.startsWith('forbidden'))
  const duplicates = done.length - new Set(done).size
  if (partial.length > 0) broken.push(`executed what it must not: ${partial.join(', ')}`)
  if (done.join() !== healthy.ledger.join())
    broken.push(`did ${done.join(' ')}, not ${healthy.ledger.join(' ')}`)

  const calls = events.flatMap(event => (event.kind === 'llm_usage' ? [event.payload] : []))
  const billed = replies.flatMap(({ usage }) => usage ?? [])
  if (calls.length !== billed.length)
    broken.push(`took ${calls.length} answers of ${billed.length} that were paid`)
  const tokens = sum(billed.map(tokensOf))
  if (run.final_state?.total_tokens !== tokens) {
    broken.push(`counted ${run.final_state?.total_tokens} tokens where ${tokens} were billed`)
  }
  const { price } = factsOf(run.model_name)
  const cost = sum(billed.map(usage => costOf(usage, price) ?? Number.NaN))
  const counted = run.final_state?.estimated_cost_usd ?? Number.NaN
  if (!(Math.abs(counted - cost) < 1e-6)) broken.push(`counted $${counted} where $${cost} were billed`)

  const attempts = sum(calls.map(call => call.attempts))
  if (attempts !== replies.length) broken.push(`says ${attempts} attempts where ${replies.length} were made`)
  const told = events.filter(event => event.kind === 'model_retry').length
  // One report for each call that was tried again: none of them takes a minute.
  const expected = replies.filter((reply, index) => !reply.usage && replies[index - 1]?.usage !== null).length
  if (told !== expected) broken.push(`told of ${told} calls that were tried again, not of ${expected}`)

  return {
    isAchieved: run.status === 'achieved',
    isWrongIteration: iterations !== healthy.iterations,
    partialCalls: partial.length,
    duplicates,
    broken,
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
const tokensOf = (usage: Usage) => sum(Object.values(usage))
