// Keeps a long conversation inside the model's context window: old tool output goes, what was decided and done stays.
import type { ContentBlock, Message } from '#lib/models/model'

const KEEP_CHARS = 400
const LEFT_OUT = '[left out to save room; run the tool again if you need it]'

/** The same conversation with long tool output and tool arguments before a message index shortened. The first message stays whole. */
export function compactMessages(messages: Message[], before: number): Message[] {
  return messages.map((message, index) =>
    index === 0 || index >= before || typeof message.content === 'string'
      ? message
      : // A spread of a union loses which member it was; the role stays as it is.
        ({ ...message, content: message.content.map(compactBlock) } as Message),
  )
}

/** The same conversation for another model. */
export function withoutThinking(messages: Message[]): Message[] {
  return messages.map(message => {
    if (message.role !== 'assistant' || typeof message.content === 'string') return message
    const content = message.content.filter(
      block => block.type !== 'thinking' && block.type !== 'redacted_thinking',
    )
    // The API refuses messages without content.
    return { ...message, content: content.length > 0 ? content : [{ type: 'text', text: '(thinking)' }] }
  })
}

function compactBlock(block: ContentBlock): ContentBlock {
  if (block.type === 'tool_result' && Array.isArray(block.content)) {
    return {
      ...block,
      content: block.content.map(part =>
        part.type === 'text' ? { ...part, text: shorten(part.text) } : part,
      ),
    }
  }
  if (block.type === 'tool_use' && typeof block.input === 'object' && block.input !== null) {
    const input = Object.entries(block.input).map(([key, value]) => [
      key,
      typeof value === 'string' ? shorten(value) : value,
    ])
    return { ...block, input: Object.fromEntries(input) }
  }
  return block
}

const shorten = (text: string) =>
  text.length <= KEEP_CHARS ? text : `${text.slice(0, KEEP_CHARS)}\n${LEFT_OUT}`
