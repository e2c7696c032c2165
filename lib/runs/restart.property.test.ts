// Over random journals, cut anywhere: what a restart adds leaves exactly one result for each tool call, in a conversation that
// the API accepts, whoever takes it up.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldState, type StampedEvent } from '#lib/agent/state'
import type { RunEvent } from '#lib/contract/event'
import { createStory } from '#lib/testing/agent-story'
import { anyStory } from '#lib/testing/any-story'
import { refusalOf } from '#lib/testing/messages-validation'
import { newRecord } from '#lib/testing/records'
import { NO_CRASHES } from './crash-loop.ts'
import { restartEvents } from './recover.ts'

type Story = ReturnType<typeof createStory>

const BRIEFING = {
  goal: 'g',
  goalPrompt: 'p',
  cwd: '/project',
  instructions: null,
  isSandboxed: true,
  noProgressAfter: 0,
}

/** The journal after the server died there and was started again. */
function restarted(journal: StampedEvent[], { tools }: Story): StampedEvent[] {
  const last = journal.at(-1)!
  const record = newRecord({ lastSeq: journal.length, iteration: last.iteration })
  const finding = { record, tail: journal as RunEvent[], crashes: NO_CRASHES } // seq is not looked at
  const added = restartEvents({ tools, boot: 'boot', wasClean: false }, finding, false)
  return [...journal, ...added.map(event => ({ ...event, ts: last.ts }))]
}

const idsOf = (journal: StampedEvent[], kind: 'tool_call' | 'tool_result') =>
  journal.flatMap(event => (event.kind === kind ? [(event.payload as { call_id: string }).call_id] : []))

/** The folded conversation, with what waits to be said: null when the API would take it. */
function refusal(journal: StampedEvent[]): string | null {
  const state = foldState(journal, BRIEFING)
  if (state.phase !== 'plan' && state.phase !== 'between') return null // the loop has something to do first
  if (state.lastCheck?.achieved) return null // it only has to end
  const plan: StampedEvent = {
    kind: 'step_start',
    iteration: Math.max(1, state.iteration),
    payload: { node: 'plan' },
    ts: 1,
  }
  const { messages } = foldState([...journal, plan], BRIEFING)
  if (messages.length === 0) return null
  const body = structuredClone({ model: 'literal', max_tokens: 1, messages })
  return refusalOf(body, { signatures: new Map() })
}

describe('a restart', () => {
  it('at any event of any journal leaves a conversation that goes on', { timeout: 120_000 }, async () => {
    let prefixes = 0
    await fc.assert(
      fc.asyncProperty(anyStory, async ({ decisions, ...options }) => {
        const whole = createStory(options)
        await whole.runToEnd(decisions)
        for (let length = 1; length < whole.journal.length; length += 1) {
          const journal = restarted(whole.journal.slice(0, length), whole)
          prefixes += 1
          expect(refusal(journal)).toBeNull()
          const results = idsOf(journal, 'tool_result')
          expect(new Set(results).size).toBe(results.length)
          const started = new Set(idsOf(journal, 'tool_call'))
          for (const id of results) expect(started.has(id)).toBe(true)
          // A second death right after adds nothing more to answer.
          expect(idsOf(restarted(journal, whole), 'tool_result')).toEqual(results)
        }
      }),
      { numRuns: 1000 },
    )
    expect(prefixes).toBeGreaterThan(10_000)
  })

  it('twice at any two moments comes to an end with one result for each call', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.nat(), fc.nat(), async ({ decisions, ...options }, first, second) => {
        const whole = createStory(options)
        await whole.runToEnd(decisions)
        const cut = whole.journal.slice(0, 1 + (first % (whole.journal.length - 1)))
        const once = createStory({ ...options, journal: restarted(cut, whole) })
        await once.runToEnd(decisions)
        const again = cut.length + (second % (once.journal.length - cut.length))
        const twice = createStory({ ...options, journal: restarted(once.journal.slice(0, again), once) })
        await twice.runToEnd(decisions)
        expect(twice.told().at(-1)).toMatch(/^end /)
        const [calls, results] = [idsOf(twice.journal, 'tool_call'), idsOf(twice.journal, 'tool_result')]
        expect(new Set(calls).size).toBe(calls.length)
        expect([...results].sort()).toEqual([...calls].sort())
      }),
      { numRuns: 300 },
    )
  })
})
