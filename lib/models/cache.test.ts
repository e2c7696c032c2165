import fc from 'fast-check'
import { expect, it } from 'vitest'
import { markPrompt } from './cache.ts'
import type { ContentBlock, Message } from './model.ts'

const word = fc.string({ minLength: 1, maxLength: 12 })
const userContent = fc.oneof(
  word,
  fc.array(
    fc.oneof(
      word.map((text): ContentBlock => ({ type: 'text', text })),
      word.map((content): ContentBlock => ({ type: 'tool_result', tool_use_id: 't', content })),
    ),
    { minLength: 1, maxLength: 4 },
  ),
)
const assistantContent = fc.array(
  fc.oneof(
    word.map((text): ContentBlock => ({ type: 'text', text })),
    word.map((thinking): ContentBlock => ({ type: 'thinking', thinking, signature: 's' })),
    word.map((id): ContentBlock => ({ type: 'tool_use', id, name: 'n', input: { cache_control: 1 } })),
  ),
  { minLength: 1, maxLength: 4 },
)
/** A conversation as it grows: user, assistant, user, … */
const conversation = fc
  .tuple(userContent, fc.array(fc.tuple(assistantContent, userContent), { maxLength: 8 }))
  .map(([first, rest]): Message[] => [
    { role: 'user', content: first },
    ...rest.flatMap(([answer, next]): Message[] => [
      { role: 'assistant', content: answer },
      { role: 'user', content: next },
    ]),
  ])

const blocksOf = (message: Message | undefined) =>
  Array.isArray(message?.content) ? message.content : expect.fail('content is not a list of blocks')
const isMarked = (block: ContentBlock) => 'cache_control' in block
const marksIn = (messages: Message[]) =>
  messages.flatMap((message, i) =>
    blocksOf(message).flatMap((block, j) => (isMarked(block) ? [`${i}.${j}`] : [])),
  )

function bytesWithoutMarks(prompt: ReturnType<typeof markPrompt>): string[] {
  const strip = (block: object) => {
    const { cache_control: _, ...rest } = block as { cache_control?: unknown }
    return JSON.stringify(rest)
  }
  return [
    ...(prompt.system ?? []).map(strip),
    ...prompt.messages.flatMap(message => blocksOf(message).map(block => `${message.role} ${strip(block)}`)),
  ]
}

it('keeps the prefix of a growing conversation the same, apart from the marks', () => {
  fc.assert(
    fc.property(word, conversation, (system, messages) => {
      for (let turns = 3; turns <= messages.length; turns += 2) {
        const before = bytesWithoutMarks(markPrompt(system, messages.slice(0, turns - 2)))
        const after = bytesWithoutMarks(markPrompt(system, messages.slice(0, turns)))
        expect(after.slice(0, before.length)).toEqual(before)
      }
    }),
  )
})

it('marks in each turn the block that the turn before has written to the cache', () => {
  fc.assert(
    fc.property(word, conversation, (system, messages) => {
      for (let turns = 3; turns <= messages.length; turns += 2) {
        const written = marksIn(markPrompt(system, messages.slice(0, turns - 2)).messages).at(-1)
        const marks = marksIn(markPrompt(system, messages.slice(0, turns)).messages)
        expect(marks).toHaveLength(2)
        expect(marks[0]).toBe(written)
      }
    }),
  )
})

it('never needs more than three marks, whatever marks the caller left behind', () => {
  const left = { type: 'text' as const, text: 'x', cache_control: { type: 'ephemeral' as const } }
  fc.assert(
    fc.property(conversation, messages => {
      const withMarks = messages.map(
        (message): Message => ({
          role: message.role as 'user' | 'assistant', // The generator makes no others.
          content: typeof message.content === 'string' ? [left] : [left, ...message.content],
        }),
      )
      expect(marksIn(markPrompt('s', withMarks).messages).length).toBeLessThanOrEqual(2)
    }),
  )
})

it('changes nothing that belongs to the caller', () => {
  fc.assert(
    fc.property(conversation, messages => {
      const copy = structuredClone(messages)
      const prompt = markPrompt('system', messages)
      expect(messages).toEqual(copy)
      expect(prompt.system?.[0]).toHaveProperty('cache_control', { type: 'ephemeral' })
    }),
  )
})

it('leaves out an empty system prompt and passes over blocks that carry no mark', () => {
  const prompt = markPrompt('', [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'text', text: '' },
      ],
    },
  ])
  expect(prompt).not.toHaveProperty('system')
  expect(marksIn(prompt.messages)).toEqual(['0.0'])
})
