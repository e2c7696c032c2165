// The promise behind every restart: whatever a journal ends with, the run goes on from there, with a conversation that the API
// accepts (createStory holds each request against its rules), and ends as it would have.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import { createStory, type StoryOptions } from '#lib/testing/agent-story'
import { anyStory } from '#lib/testing/any-story'

const count = (story: ReturnType<typeof createStory>, kind: string) =>
  story.journal.filter(event => event.kind === kind).length

/** Calls of tools that change something, as they stand in the journal. */
const startedIn = (story: ReturnType<typeof createStory>) =>
  new Set(
    story.journal.flatMap(event =>
      event.kind === 'tool_call' && event.payload.tool === 'touch' ? [event.payload.call_id] : [],
    ),
  )

async function goesOn(
  options: StoryOptions,
  whole: ReturnType<typeof createStory>,
  length: number,
  decisions: DecisionWord[],
) {
  const story = createStory({ ...options, journal: whole.journal.slice(0, length) })
  const before = { touched: startedIn(story), answers: count(story, 'model_response') }
  await story.runToEnd(decisions)

  const told = story.told()
  expect(told.filter(word => word.startsWith('end '))).toHaveLength(1)
  expect(told.at(-1)).toMatch(/^end /)
  // Every call that began has exactly one result.
  const calls = story.journal.flatMap(event => (event.kind === 'tool_call' ? [event.payload.call_id] : []))
  const results = story.journal.flatMap(event =>
    event.kind === 'tool_result' ? [event.payload.call_id] : [],
  )
  expect(new Set(calls).size).toBe(calls.length)
  expect([...results].sort()).toEqual([...calls].sort())
  // What was answered is not asked again, and what had begun is not run again.
  expect(story.requests.length).toBe(count(story, 'model_response') - before.answers)
  const executed = story.ran.filter(line => line.startsWith('touch')).length
  const begun = [...startedIn(story)].filter(id => !before.touched.has(id)).length
  expect(executed).toBeLessThanOrEqual(begun)
  return story
}

describe('every prefix of a journal', () => {
  it('that a crash can leave goes on to the same end', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async ({ decisions, ...options }) => {
        const whole = createStory(options)
        await whole.runToEnd(decisions)
        for (const length of whole.commits.slice(0, -1)) {
          const story = await goesOn(options, whole, length, decisions)
          const { duration_ms: _, ...end } = story.end()
          expect(end).toEqual({ ...whole.end(), duration_ms: undefined })
          expect(count(story, 'model_response')).toBe(count(whole, 'model_response'))
        }
      }),
      { numRuns: 120 },
    )
  })

  it('cut anywhere, even where no crash can cut it, makes a valid conversation', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.nat(), async ({ decisions, ...options }, random) => {
        const whole = createStory(options)
        await whole.runToEnd(decisions)
        const length = 1 + (random % (whole.journal.length - 1))
        await goesOn(options, whole, length, decisions)
      }),
      { numRuns: 300 },
    )
  })
})
