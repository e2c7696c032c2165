// A turn as the Messages API puts it on the wire: the events of a stream, or one JSON body.
import type { Usage } from '#lib/models/model'
import type { Block, Turn } from './messages-script.ts'

export interface Rendered {
  id: string
  model: string
  blocks: Block[]
  usage: Usage
  stopReason: string | null
}

export interface WireEvent {
  event: string
  data: Record<string, unknown>
}

export const PING: WireEvent = { event: 'ping', data: { type: 'ping' } }

export const sse = ({ event, data }: WireEvent): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

export function render(turn: Turn, options: { id: string; model: string; usage: Usage }): Rendered {
  const blocks = turn.blocks.map((block, index) =>
    block.type === 'tool_use' && block.id === ''
      ? { ...block, id: `toolu_${options.id.replace('msg_', '')}_${index}` }
      : block,
  )
  return { ...options, blocks, stopReason: turn.stopReason }
}

export function eventsOf(rendered: Rendered): WireEvent[] {
  const { usage } = rendered
  return [
    event('message_start', {
      // The first figures of a stream already count the prompt; of the output only what is written so far.
      message: {
        ...messageOf(rendered),
        content: [],
        stop_reason: null,
        usage: { ...usage, output_tokens: 1 },
      },
    }),
    ...rendered.blocks.flatMap((block, index) => [
      event('content_block_start', { index, content_block: emptyBlock(block) }),
      ...(index === 0 ? [PING] : []),
      ...deltasOf(block).map(delta => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: rendered.stopReason, stop_sequence: null },
      // Cumulative: all of the message, not what came since message_start.
      usage,
    }),
    event('message_stop', {}),
  ]
}

export function bodyOf(rendered: Rendered): Record<string, unknown> {
  return { ...messageOf(rendered), content: rendered.blocks.map(wholeBlock), usage: rendered.usage }
}

const event = (type: string, fields: Record<string, unknown>): WireEvent => ({
  event: type,
  data: { type, ...fields },
})

function messageOf({ id, model, stopReason }: Rendered): Record<string, unknown> {
  return { id, type: 'message', role: 'assistant', model, stop_reason: stopReason, stop_sequence: null }
}

function emptyBlock(block: Block): Record<string, unknown> {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' }
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {} }
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'redacted_thinking':
      return { ...block }
  }
}

function wholeBlock(block: Block): Record<string, unknown> {
  if (block.type !== 'tool_use') return { ...block }
  return { type: 'tool_use', id: block.id, name: block.name, input: JSON.parse(block.json) }
}

function deltasOf(block: Block): Record<string, unknown>[] {
  switch (block.type) {
    case 'text':
      return pieces(block.text).map(text => ({ type: 'text_delta', text }))
    case 'tool_use':
      // The API begins with an empty piece.
      return ['', ...pieces(block.json)].map(json => ({ type: 'input_json_delta', partial_json: json }))
    case 'thinking':
      return [
        ...pieces(block.thinking).map(thought => ({ type: 'thinking_delta', thinking: thought })),
        { type: 'signature_delta', signature: block.signature },
      ]
    case 'redacted_thinking':
      return []
  }
}

/** Pieces of some twelve characters; not through the middle of a character. */
function pieces(value: string): string[] {
  const characters = Array.from(value)
  const size = Math.max(12, Math.ceil(characters.length / 200))
  const found: string[] = []
  for (let i = 0; i < characters.length; i += size) found.push(characters.slice(i, i + size).join(''))
  return found
}
