// Where the marks of the prompt cache go. A pure function: the bill of a run depends on it (a hundred turns cost
// about seven times as much without).
import type { MessageParam, TextBlockParam } from '@anthropic-ai/sdk/resources/messages'
import type { ContentBlock, Message } from './model.ts'

const MARK = { cache_control: { type: 'ephemeral' } } as const

export interface MarkedPrompt {
  /** Left out when there is no system prompt: the API refuses empty text. */
  system?: TextBlockParam[]
  messages: MessageParam[]
}

/**
 * Marks the end of the system prompt (tools come before it in the prefix, so they are covered) and the last block of
 * the two newest user messages: the newest writes what the next turn reads, the one before it reads what the last turn
 * wrote. At most three of the four allowed marks.
 *
 * Apart from the marks the rendered prefix of a conversation is the same in every turn, so strings always become text
 * blocks. The caller's objects are not changed; marks they carry are dropped.
 */
export function markPrompt(system: string, messages: Message[]): MarkedPrompt {
  const newest = lastUserIndex(messages, messages.length)
  const before = lastUserIndex(messages, newest)
  const rendered = messages.map((message, index): MessageParam => {
    const blocks = typeof message.content === 'string' ? textBlocks(message.content) : message.content
    const content = blocks.map(withoutMark)
    const marked = index === newest || index === before ? markLast(content) : content
    return { role: message.role, content: marked } as MessageParam // The role is the caller's own, so the pair fits.
  })
  return {
    ...(system === '' ? {} : { system: [{ type: 'text', text: system, ...MARK }] }),
    messages: rendered,
  }
}

function lastUserIndex(messages: Message[], end: number): number {
  for (let i = end - 1; i >= 0; i--) if (messages[i]?.role === 'user') return i
  return -1
}

const textBlocks = (text: string): ContentBlock[] => [{ type: 'text', text }]

function withoutMark(block: ContentBlock): ContentBlock {
  if (!('cache_control' in block)) return block
  const { cache_control: _, ...rest } = block
  return rest
}

/** The API takes no mark on thinking and on empty text. */
function canCarryMark(block: ContentBlock): boolean {
  if (block.type === 'thinking' || block.type === 'redacted_thinking') return false
  return block.type !== 'text' || block.text !== ''
}

function markLast(content: ContentBlock[]): ContentBlock[] {
  const last = content.findLastIndex(canCarryMark)
  // The union's members differ in everything but cache_control, which canCarryMark has made sure of.
  return content.map((block, i) => (i === last ? ({ ...block, ...MARK } as ContentBlock) : block))
}
