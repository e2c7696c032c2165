// Over random streams and random damage: an answer is either whole, with exactly the calls that were streamed, or has a problem.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Accumulated, createAccumulator, type WireEvent } from './accumulate.ts'

interface Call {
  name: string
  input: Record<string, unknown>
}
type Block = { text: string } | Call

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ text }),
  fc.record({
    name: fc.constantFrom('bash_exec', 'file_write', 'run_check'),
    input: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue() as fc.Arbitrary<unknown>, {
      maxKeys: 4,
    }),
  }),
)

/** A message as the API streams it, its pieces cut anywhere. */
const message = fc
  .record({ blocks: fc.array(block, { maxLength: 6 }), size: fc.integer({ min: 1, max: 20 }) })
  .map(({ blocks, size }) => ({ blocks, events: eventsOf(blocks, size) }))

function eventsOf(blocks: Block[], size: number): WireEvent[] {
  const usage = { input_tokens: 10, output_tokens: 5 }
  return [
    { type: 'message_start', message: { model: 'm', usage } },
    ...blocks.flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: beginOf(block, index) },
      ...pieces('text' in block ? block.text : JSON.stringify(block.input), size).map(piece => ({
        type: 'content_block_delta',
        index,
        delta:
          'text' in block
            ? { type: 'text_delta', text: piece }
            : { type: 'input_json_delta', partial_json: piece },
      })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: blocks.some(block => 'name' in block) ? 'tool_use' : 'end_turn' },
      usage,
    },
    { type: 'message_stop' },
  ]
}

const beginOf = (block: Block, index: number) =>
  'text' in block
    ? { type: 'text', text: '' }
    : { type: 'tool_use', id: `toolu_${index}`, name: block.name, input: {} }

function pieces(value: string, size: number): string[] {
  const found: string[] = []
  for (let i = 0; i < value.length; i += size) found.push(value.slice(i, i + size))
  return found
}

/** What came of these events: the message, or what is wrong with it. */
function take(events: WireEvent[]): Accumulated | string {
  const accumulator = createAccumulator()
  for (const event of events) accumulator.add(event)
  return accumulator.problem() ?? accumulator.result()
}

const callsOf = ({ content }: Accumulated) =>
  content.flatMap(block => (block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : []))
const streamed = (blocks: Block[]) =>
  // As JSON: what the stream carries is JSON too, which knows no -0.
  JSON.parse(JSON.stringify(blocks.flatMap(block => ('name' in block ? [block] : []))))

describe('a stream', () => {
  it('that is whole gives what was streamed, to the letter', () => {
    fc.assert(
      fc.property(message, ({ blocks, events }) => {
        const result = take(events)
        if (typeof result === 'string') throw new Error(result)
        expect(callsOf(result)).toEqual(streamed(blocks))
        expect(result.malformedArgs).toEqual({})
        const texts = result.content.flatMap(block => (block.type === 'text' ? [block.text] : []))
        expect(texts).toEqual(
          blocks.flatMap(block => ('text' in block && block.text.trim() ? [block.text] : [])),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('that is cut anywhere before the end of the message has a problem; after it, nothing is missing', () => {
    fc.assert(
      fc.property(message, fc.nat(), ({ blocks, events }, at) => {
        const length = at % (events.length + 1)
        const result = take(events.slice(0, length))
        if (length < events.length - 1) expect(result).toBeTypeOf('string')
        else expect(typeof result === 'string' ? result : callsOf(result)).toEqual(streamed(blocks))
      }),
      { numRuns: 300 },
    )
  })

  it('that lost or repeated one of the events that hold it together has a problem, or nothing is missing', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.boolean(), ({ blocks, events }, at, repeat) => {
        const frame = events.flatMap((event, index) => (event.type === 'content_block_delta' ? [] : [index]))
        const index = frame[at % frame.length]!
        const damaged = repeat
          ? [...events.slice(0, index + 1), ...events.slice(index)]
          : events.filter((_, other) => other !== index)
        const result = take(damaged)
        if (typeof result === 'string') return
        expect(callsOf(result)).toEqual(streamed(blocks))
      }),
      { numRuns: 500 },
    )
  })

  it('of any events in any order never throws, and never gives a call that cannot be stored and sent back', () => {
    const type = fc.constantFrom(
      ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['message_delta', 'message_stop', 'ping', 'new_kind'],
    )
    const odd = fc.oneof(fc.jsonValue(), fc.constant({ type: 'tool_use' }), fc.constant({ type: 'text' }))
    const stray = fc.record(
      {
        type: fc.oneof({ weight: 9, arbitrary: type }, { weight: 1, arbitrary: fc.jsonValue() }),
        index: fc.oneof(fc.nat(3), fc.jsonValue()),
        message: odd,
        content_block: odd,
        delta: fc.oneof(
          odd,
          fc.record({ type: fc.constant('input_json_delta'), partial_json: fc.string() }),
          fc.record({ type: fc.constant('text_delta'), text: fc.string({ unit: 'binary' }) }),
        ),
        usage: odd,
      },
      { requiredKeys: ['type'] },
    )
    const damage = fc.record({ at: fc.nat(), event: fc.option(stray), drop: fc.boolean() })
    fc.assert(
      fc.property(message, fc.array(damage, { maxLength: 4 }), ({ events }, damages) => {
        const damaged = [...events]
        for (const { at, event, drop } of damages) {
          damaged.splice(at % (damaged.length + 1), drop ? 1 : 0, ...(event ? [event] : []))
        }
        const result = take(damaged)
        if (typeof result === 'string') return
        const ids = result.content.flatMap(block => (block.type === 'tool_use' ? [block.id] : []))
        expect(new Set(ids).size).toBe(ids.length)
        for (const block of result.content) {
          expect(['text', 'tool_use', 'thinking', 'redacted_thinking']).toContain(block.type)
          if (block.type === 'text') expect(block.text.trim()).not.toBe('')
          if (block.type !== 'tool_use') continue
          expect(block.id).toMatch(/^[\w.:-]+$/)
          expect(block.name).toMatch(/^[\w-]+$/)
          expect(block.input).toBeTypeOf('object')
          expect(Array.isArray(block.input)).toBe(false)
        }
        expect(Object.keys(result.malformedArgs).filter(id => !ids.includes(id))).toEqual([])
        expect(JSON.parse(JSON.stringify(result)).stopReason).toBeTypeOf('string')
        for (const count of Object.values(result.usage)) expect(count).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 500 },
    )
  })
})
