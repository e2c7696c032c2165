// «Undo this iteration», as the loop sees it: what counted before the iteration counts again, and the agent is told.
import { describe, expect, it } from 'vitest'
import type { Payload } from '#lib/contract/event'
import { createStory, type StoryOptions } from '#lib/testing/agent-story'

type Story = ReturnType<typeof createStory>

const failing = (n: number) => ({
  reason: `${n} failing`,
  tests: {
    passed: 9 - n,
    failed: n,
    skipped: 0,
    total: 9,
    failing: Array.from({ length: n }, (_, i) => `test ${i}`),
    newly_failing: [],
    fixed: [],
  },
})

async function answer(story: Story, fields: Partial<Payload<'human_check_response'>>) {
  const { gate_id, iteration } = story.state.gate!
  await story.emit([
    {
      kind: 'human_check_response',
      iteration,
      payload: { decision: 'approve', gate_id, note: null, decided_by: 'tester', ...fields },
    },
  ])
}
const undo = (story: Story, note: string | null = null) =>
  answer(story, { decision: 'undo', note, undo: { from: 'later', to: 'earlier' } })

const GATED: StoryOptions = {
  limits: { gates: 'each' },
  checks: [failing(5), failing(2), failing(4), { achieved: true }],
  turns: [{ text: 'First.' }, { text: 'Second.' }, { text: 'Third.' }],
}

const saidOf = (story: Story) => story.told().filter(word => !/^(plan|act|evaluate|human_check) /.test(word))
const textsOf = (story: Story, request: number) => JSON.stringify(story.requests[request]?.messages.at(-1))

describe('an iteration that a person has undone', () => {
  it('is put back, told in the journal and to the agent with the note, and the run goes on', async () => {
    const story = createStory(GATED)
    await story.run()
    await undo(story, 'leave the parser alone')
    expect(story.state.phase).toBe('undo')
    expect(await story.run()).toBe('waiting')
    expect(story.restored).toEqual(['later → earlier'])
    expect(story.told()).toContain('iteration_undone')
    expect(story.journal.find(({ kind }) => kind === 'iteration_undone')?.payload).toMatchObject({
      iteration: 1,
      files: 1,
      left: [],
      tree: 'tree',
    })
    const told = textsOf(story, 1)
    expect(told).toContain('attempt 1 changed and had it undone')
    expect(told).toContain('the check before it: 5 failing')
    expect(told).toContain('leave the parser alone')
  })

  it('leaves the check of before as what the next one is held against', async () => {
    const story = createStory(GATED)
    await story.run()
    expect(story.state.lastCheck?.reason).toBe('2 failing')
    await undo(story)
    await story.run()
    // The gate after the second attempt: 5 → 4, not 2 → 4.
    expect(story.state.gate).toMatchObject({ iteration: 2, failing_before: 5, tests: { failed: 4 } })
    const complete = story.journal.findLast(({ kind }) => kind === 'iteration_complete')
    expect(complete?.payload).toMatchObject({ progress: { failing_before: 5, trend: 'better' } })
  })

  it('does not count as an attempt without progress, nor as one that made some', async () => {
    const same = { ...GATED, checks: [failing(5), failing(5), failing(5)], briefing: { noProgressAfter: 2 } }
    const story = createStory(same)
    await story.run()
    expect(story.state.sameFor).toBe(2)
    await undo(story)
    await story.run()
    expect(story.state.sameFor).toBe(2)
  })

  it.each([
    ['takes its sensitive files out of the next gates, and leaves those of before', ['.npmrc'], ['.envrc']],
    ['keeps a sensitive file in the next gates that could not be put back', [], ['.envrc', '.npmrc']],
  ])('%s', async (_, putBack, still) => {
    const made: string[][] = [['.envrc'], [], ['.npmrc'], []]
    const story = createStory({
      ...GATED,
      putBack,
      turns: Array.from({ length: 3 }, () => ({ calls: [{ tool: 'touch' }, { tool: 'run_check' }] })),
      sensitive: () =>
        (made.shift() ?? []).map(path => ({ path, change: 'created' as const, why: 'a shell runs it' })),
    })
    await story.run()
    await answer(story, {})
    await story.run()
    expect(story.state.gate?.flags.map(({ path }) => path)).toEqual(['.envrc', '.npmrc'])
    await undo(story)
    await story.run()
    expect(story.state.sensitive.map(({ path }) => path)).toEqual(still)
  })

  it('is put back to its end, and told, also when the run is aborted meanwhile', async () => {
    const story: Story = createStory({ ...GATED, onRestore: () => story.abort(new Error('aborted')) })
    await story.run()
    await undo(story)
    await expect(story.run()).rejects.toThrow('aborted')
    expect(story.told().at(-1)).toBe('iteration_undone')
  })

  it('at the end of the budget ends the run', async () => {
    const story = createStory({ ...GATED, limits: { gates: 'each', maxIterations: 1 } })
    await story.run()
    await undo(story)
    expect(await story.run()).toBe('ended')
    expect(story.told().slice(-2)).toEqual(['iteration_undone', 'end iterations'])
  })
})

describe('a server that dies', () => {
  it('after the decision, or after the files were put back and before that was stored, does it again', async () => {
    let dies = true
    const options: StoryOptions = {
      ...GATED,
      onRestore() {
        if (dies) throw new Error('the process is gone')
      },
    }
    const story = createStory(options)
    await story.run()
    await undo(story)
    await expect(story.run()).rejects.toThrow('the process is gone')
    expect(story.told()).not.toContain('iteration_undone')
    dies = false
    const again = createStory({ ...options, journal: story.journal })
    expect(again.state.phase).toBe('undo')
    expect(await again.run()).toBe('waiting')
    expect(again.told().filter(word => word === 'iteration_undone')).toHaveLength(1)
    // And never once more.
    const third = createStory({ ...options, journal: again.journal })
    expect(await third.run()).toBe('waiting')
    expect(third.restored).toEqual([])
  })

  it('anywhere after it goes on as it would have', async () => {
    const whole = createStory(GATED)
    await whole.run()
    await undo(whole, 'not so')
    await whole.runToEnd()
    const decidedAt = whole.journal.findIndex(({ kind }) => kind === 'human_check_response')
    for (const length of whole.commits.filter(length => length > decidedAt)) {
      const again = createStory({ ...GATED, journal: whole.journal.slice(0, length) })
      await again.runToEnd()
      // A step that was cut off begins anew.
      expect(saidOf(again), `after ${length} events`).toEqual(saidOf(whole))
    }
  })
})
