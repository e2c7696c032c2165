// Random stories for properties: answers of every shape, checks, budgets, gates and their decisions.
import fc from 'fast-check'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import type { StoryCall, StoryOptions, StoryTurn } from './agent-story.ts'

const anyCall: fc.Arbitrary<StoryCall> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(9).map(n => ({ tool: 'touch', args: { what: `${n}` } })) },
  { weight: 3, arbitrary: fc.nat(9).map(n => ({ tool: 'look', args: { what: `${n}` } })) },
  { weight: 1, arbitrary: fc.constant({ tool: 'fail' }) },
  { weight: 1, arbitrary: fc.constant({ tool: 'unknown' }) },
  { weight: 1, arbitrary: fc.constant({ tool: 'touch', args: { what: 7 } }) },
  { weight: 1, arbitrary: fc.constant({ tool: 'touch', malformed: '{"what' }) },
  { weight: 1, arbitrary: fc.constant({ tool: 'run_check' }) },
)
const anyTurn: fc.Arbitrary<StoryTurn> = fc.record(
  {
    text: fc.constantFrom('I look.', '  ', ''),
    calls: fc.array(anyCall, { maxLength: 4 }),
    stop: fc.constantFrom('tool_use', 'end_turn', 'max_tokens', 'refusal'),
    input: fc.constantFrom(100, 100, 100, 950),
  },
  { requiredKeys: [] },
)
export const anyStory: fc.Arbitrary<StoryOptions & { decisions: DecisionWord[] }> = fc.record({
  turns: fc.array(anyTurn, { maxLength: 8 }),
  checks: fc
    .array(fc.constantFrom({}, {}, {}, { achieved: true }, { broken: true }), { maxLength: 5 })
    .map(checks => [{}, ...checks]),
  limits: fc.record({
    maxIterations: fc.integer({ min: 1, max: 4 }),
    maxTokens: fc.option(fc.integer({ min: 200, max: 2000 })),
    gates: fc.constantFrom('each', 'each', 'flags', 'off', 'off'),
  }),
  decisions: fc.array(fc.constantFrom<DecisionWord[]>('approve', 'approve', 'undo', 'abort'), {
    maxLength: 4,
  }),
  contextWindow: fc.constant(1000),
})
