import { expect, test } from 'vitest'
import type { EventKind, NewEvent, RunEvent } from '#lib/contract/event'
import { checkEvent, usageEvent } from '#lib/testing/records'
import { createIterations } from './iterations.ts'

const stepEvent = (iteration: number): NewEvent => ({
  kind: 'step_start',
  iteration,
  payload: { node: 'plan' },
})

/** A journal in memory that counts what is read of it, and fails when it is told to. */
function makeJournal() {
  const events: RunEvent[] = []
  const state = { read: 0, isBroken: false }
  return {
    state,
    append(...more: NewEvent[]) {
      for (const event of more) {
        const seq = events.length + 1
        events.push({ ...event, run_id: 'r', seq, ts: seq } as RunEvent) // a new event with its stamp
      }
    },
    async readEvents(
      _: string,
      { kinds = [], after = 0, limit }: { kinds?: string[]; after?: number; limit: number },
    ) {
      await new Promise(resolve => setImmediate(resolve))
      if (state.isBroken) throw new Error('the database is away')
      const page = events
        .filter(e => e.seq > after && kinds.includes(e.kind satisfies EventKind))
        .slice(0, limit)
      state.read += page.length
      return page
    },
  }
}

test('a journal is read once: what comes later is added to what was folded', async () => {
  const journal = makeJournal()
  const iterations = createIterations(journal)
  journal.append(stepEvent(1), ...Array.from({ length: 4500 }, () => usageEvent({}, 1)), checkEvent({}, 1))
  expect(await iterations('r')).toMatchObject([
    { iteration: 1, first_seq: 1, last_seq: 4502, tokens: 4500 * 120 },
  ])
  expect(journal.state.read).toBe(4502)
  journal.append(stepEvent(2), usageEvent({ cost_usd: null }, 2), usageEvent({}, 1))
  expect(await iterations('r')).toMatchObject([
    { iteration: 1, tokens: 4501 * 120, achieved: false },
    { iteration: 2, first_seq: 4503, tokens: 120, cost_usd: null },
  ])
  expect(journal.state.read).toBe(4505)
})

test('who asks at the same time gets the same, and nothing is counted twice', async () => {
  const journal = makeJournal()
  const iterations = createIterations(journal)
  journal.append(stepEvent(1), usageEvent())
  const [first, second] = await Promise.all([iterations('r'), iterations('r')])
  expect(first).toEqual(second)
  expect(first).toMatchObject([{ tokens: 120 }])
})

test('after a database that was away it is read anew', async () => {
  const journal = makeJournal()
  const iterations = createIterations(journal)
  journal.append(stepEvent(1), usageEvent())
  journal.state.isBroken = true
  await expect(iterations('r')).rejects.toThrow('away')
  journal.state.isBroken = false
  expect(await iterations('r')).toMatchObject([{ tokens: 120 }])
})
