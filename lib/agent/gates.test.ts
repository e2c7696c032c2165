// Which gates open: as the policy says, unless a person has said that the next ones need not, and never otherwise after a restart.
import { describe, expect, it } from 'vitest'
import type { NewEvent, Payload } from '#lib/contract/event'
import type { Flag } from '#lib/contract/events/shared'
import { createStory, type StoryOptions } from '#lib/testing/agent-story'

type Story = ReturnType<typeof createStory>

const edited = (path: string, detail = 'edited'): Flag => ({ code: 'protected_changed', path, detail })

/** The iterations after which a gate has opened so far. */
const gatesOf = ({ journal }: Pick<Story, 'journal'>) =>
  journal.flatMap(event =>
    event.kind === 'human_check_required' && event.payload.kind === undefined ? [event.iteration] : [],
  )

async function answer(story: Story, fields: Partial<Payload<'human_check_response'>> = {}) {
  const { gate_id, iteration } = story.state.gate!
  const payload = { decision: 'approve' as const, gate_id, note: null, decided_by: 'tester', ...fields }
  const event: NewEvent = { kind: 'human_check_response', iteration, payload }
  await story.emit([event])
}

const change = (changes: Record<string, unknown>): NewEvent => ({
  kind: 'config_changed',
  iteration: 1,
  payload: { changes, by: 'tester' },
})

/** Approves every gate, the first with these fields; the iterations at which somebody was asked. */
async function played(options: StoryOptions, first: Partial<Payload<'human_check_response'>>) {
  const story = createStory(options)
  await story.run()
  await answer(story, first)
  await story.runToEnd()
  return gatesOf(story)
}

const SEVEN: StoryOptions = { limits: { gates: 'each', maxIterations: 7 }, checks: [{}] }

describe('a gate that is approved together with the next ones', () => {
  it('lets so many iterations pass without a gate, and then one opens again', async () => {
    expect(await played(SEVEN, { approve_next: 2 })).toEqual([1, 4, 5, 6, 7])
    expect(await played(SEVEN, { approve_next: 'rest' })).toEqual([1])
    expect(await played(SEVEN, {})).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it.each<[string, Record<string, unknown>, number[]]>([
    ['hitl_enabled', { hitl_enabled: true }, [1, 2, 3, 4, 5, 6, 7]],
    ['a mode', { gate_policy: { mode: 'each' } }, [1, 2, 3, 4, 5, 6, 7]],
    ['a time alone does not', { gate_policy: { timeout_minutes: 5 } }, [1]],
  ])('asks again when somebody says so: %s', async (_, changes, gates) => {
    const story = createStory(SEVEN)
    await story.run()
    await answer(story, { approve_next: 'rest' })
    await story.emit([change(changes)])
    await story.runToEnd()
    expect(gatesOf(story)).toEqual(gates)
  })

  it('is the same gate by gate when the server dies after any event', async () => {
    const options = { ...SEVEN, limits: { gates: 'each' as const, maxIterations: 5 } }
    const whole = createStory(options)
    await whole.run()
    await answer(whole, { approve_next: 2 })
    await whole.runToEnd()
    expect(gatesOf(whole)).toEqual([1, 4, 5])
    const decidedAt = whole.journal.findIndex(({ kind }) => kind === 'human_check_response')
    for (const length of whole.commits.filter(length => length > decidedAt)) {
      const again = createStory({ ...options, journal: whole.journal.slice(0, length) })
      await again.runToEnd()
      expect(gatesOf(again), `after ${length} events`).toEqual([1, 4, 5])
    }
  })
})

describe('gates only where there is something to look at', () => {
  const flagged = (...checks: Flag[][]): StoryOptions => ({
    limits: { gates: 'flags', maxIterations: checks.length },
    checks: [{}, ...checks.map(flags => ({ flags }))],
  })

  it('open after an iteration with flags, and not for what an approved gate has shown', async () => {
    const story = createStory(
      flagged(
        [],
        [edited('a.test.ts')],
        [edited('a.test.ts')],
        [edited('a.test.ts'), edited('b.test.ts')],
        [],
      ),
    )
    await story.runToEnd()
    expect(gatesOf(story)).toEqual([2, 4])
  })

  it('open again for a finding that has grown', async () => {
    const story = createStory(flagged([edited('a', '1 assertion less')], [edited('a', '2 assertions less')]))
    await story.runToEnd()
    expect(gatesOf(story)).toEqual([1, 2])
  })

  it('open where a file was deleted', async () => {
    const gone = { path: 'a.txt', status: 'deleted' as const, insertions: 0, deletions: 1, binary: false }
    const story = createStory({ ...flagged([], []), diffs: [[], [gone]] })
    await story.runToEnd()
    expect(gatesOf(story)).toEqual([2])
  })

  it('open each time where nobody knows what was changed, because there are no snapshots', async () => {
    const story = createStory({ ...flagged([], []), hasSnapshots: false })
    await story.runToEnd()
    expect(gatesOf(story)).toEqual([1, 2])
  })

  it('stay shut when they were approved beforehand; what is still to be seen then is shown at the next', async () => {
    const story = createStory(
      flagged([edited('a')], [edited('a'), edited('b')], [edited('a'), edited('b')], []),
    )
    await story.run()
    await answer(story, { approve_next: 1 })
    await story.runToEnd()
    expect(gatesOf(story)).toEqual([1, 3])
  })
})

it('an iteration that nobody has looked at can end a run that gets no further', async () => {
  const briefing = { noProgressAfter: 1 }
  const unseen = createStory({
    checks: [{ tests: NONE }],
    briefing,
    limits: { gates: 'flags', maxIterations: 9 },
  })
  await unseen.runToEnd()
  expect(unseen.end().outcome).toBe('no_progress')
  const seen = createStory({
    checks: [{ tests: NONE }],
    briefing,
    limits: { gates: 'each', maxIterations: 9 },
  })
  await seen.runToEnd()
  expect(seen.end().outcome).toBe('iterations')
})

const NONE = { passed: 0, failed: 1, skipped: 0, total: 1, failing: ['a'], newly_failing: [], fixed: [] }
