// Puts a message together from the raw events of its stream. Ours and not the SDK's, because tool arguments that are
// not JSON must come out as such and not as an exception, and because nothing a server sends may throw here.
import { sound } from './json.ts'
import type { ContentBlock, Usage } from './model.ts'

export interface Accumulated {
  content: ContentBlock[]
  stopReason: string | null
  usage: Usage
  model: string | null
  malformedArgs: Record<string, string>
}

/** What a stream carried, of any shape. */
export type WireEvent = Record<string, unknown>

export interface Accumulator {
  /** Takes events in their order; those of an unknown type are passed over. Never throws. */
  add(event: WireEvent): void
  /** Whether the message has been ended by `message_stop`. */
  readonly stopped: boolean
  /** Why the message cannot become complete any more, whatever comes; null so far. */
  readonly broken: string | null
  /** Why the message cannot be used as it is; null when it is complete. */
  problem(): string | null
  /** Only for a message without a problem. */
  result(): Accumulated
}

type Block = Record<string, unknown> & { type: string }
interface Slot {
  block: Block
  /** Pieces of tool arguments; null before the first. */
  json: string | null
  open: boolean
}

/** Blocks that may be sent back, and what is text in them. No others are asked for; an unknown one would be refused for ever. */
const TEXTS: Record<string, readonly string[]> = {
  text: ['text'],
  tool_use: ['id', 'name'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
}

/** Which block a piece belongs to, the field it continues, and the piece's own name for it. */
const PIECES: Record<string, { of: string; field: string }> = {
  text_delta: { of: 'text', field: 'text' },
  thinking_delta: { of: 'thinking', field: 'thinking' },
  signature_delta: { of: 'thinking', field: 'signature' },
}

/** More calls in one answer are dropped: nobody works through them, and each would be two lines in the journal. */
export const CALLS_KEPT = 256

export function createAccumulator(onText?: (delta: string) => void): Accumulator {
  const slots = new Map<number, Slot>()
  const usage: Usage = {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  }
  let model: string | null = null
  let stopReason: string | null = null
  let started = false
  let stopped = false
  let broken: string | null = null

  function add(event: WireEvent): void {
    broken ??= take(event)
  }

  /** The sentence that says what is wrong with it, if anything is. */
  function take(event: WireEvent): string | null {
    switch (event.type) {
      case 'message_start': {
        if (started) return 'a second message began in the stream'
        if (!isObject(event.message)) return 'the message began with nothing'
        started = true
        model = textOrNull(event.message.model)
        takeUsage(usage, event.message.usage)
        return null
      }
      case 'content_block_start':
        return startBlock(event)
      case 'content_block_delta': {
        const slot = slotOf(event)
        if (!slot?.open) return 'the stream carried a piece of a block that is not open'
        return addDelta(slot, event.delta, onText)
      }
      case 'content_block_stop': {
        const slot = slotOf(event)
        if (!slot) return 'the stream ended a block that never began'
        slot.open = false
        return null
      }
      case 'message_delta':
        if (isObject(event.delta)) stopReason = textOrNull(event.delta.stop_reason) ?? stopReason
        takeUsage(usage, event.usage)
        return null
      case 'message_stop':
        stopped = true
        return null
      default:
        return null
    }
  }

  function startBlock({ index, content_block: given }: WireEvent): string | null {
    if (typeof index !== 'number' || slots.has(index)) return 'the stream began a block twice'
    if (stopReason !== null) return 'the stream began a block after the end of the message'
    const block = sound(given)
    if (!isBlock(block)) return 'the stream began a block that is none'
    for (const field of TEXTS[block.type] ?? []) {
      const value = block[field] ?? ''
      if (typeof value !== 'string' && block.type !== 'tool_use') return `the ${block.type} block has no text`
      block[field] = typeof value === 'string' ? value : ''
    }
    slots.set(index, { block, json: null, open: true })
    return null
  }

  const slotOf = ({ index }: WireEvent) => (typeof index === 'number' ? slots.get(index) : undefined)

  function problem(): string | null {
    if (broken !== null) return broken
    if (!started) return 'the stream ended before the message began'
    if (stopReason === null) return 'the stream ended before the message was complete'
    if ([...slots.values()].some(slot => slot.open)) return 'the stream ended within a content block'
    return null
  }

  function result(): Accumulated {
    const malformedArgs: Record<string, string> = {}
    const ids = new Set<string>()
    const content = [...slots.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, slot]) => slot)
      .filter(({ block }) => Object.hasOwn(TEXTS, block.type))
      .filter(nthCall(CALLS_KEPT))
      .map(slot => (slot.block.type === 'tool_use' ? finishedCall(slot, ids, malformedArgs) : finished(slot)))
      // Blank text is refused when it is sent back.
      .filter(block => block.type !== 'text' || String(block.text).trim() !== '')
    // The API's response blocks are accepted as they are in a request: that is how conversations are continued.
    return { content: content as unknown as ContentBlock[], stopReason, usage, model, malformedArgs }
  }

  return {
    add,
    problem,
    result,
    get stopped() {
      return stopped
    },
    get broken() {
      return broken
    },
  }
}

/** Figures in a stream are cumulative: a later one replaces, it is never added. What is no count is passed over. */
function takeUsage(usage: Usage, reported: unknown): void {
  if (!isObject(reported)) return
  for (const key of Object.keys(usage) as (keyof Usage)[]) {
    const value = reported[key]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) usage[key] = value
  }
}

function addDelta(slot: Slot, delta: unknown, onText?: (delta: string) => void): string | null {
  const { block } = slot
  if (!isObject(delta)) return 'the stream carried a piece that is none'
  const type = String(delta.type)
  if (type === 'input_json_delta') {
    const piece = delta.partial_json
    if (typeof piece !== 'string') return 'the stream carried arguments that are no text'
    if (Object.hasOwn(TEXTS, block.type) && block.type !== 'tool_use') return misplaced(type, block)
    slot.json = (slot.json ?? '') + piece
    return null
  }
  const known = Object.hasOwn(PIECES, type) ? PIECES[type] : undefined
  if (known) {
    const piece = delta[known.field]
    if (typeof piece !== 'string') return 'the stream carried a piece without its text'
    if (block.type !== known.of) return Object.hasOwn(TEXTS, block.type) ? misplaced(type, block) : null
    block[known.field] = `${block[known.field]}${piece}`
    if (type === 'text_delta' && piece !== '') onText?.(piece)
    return null
  }
  // A call that is not understood in full is not a call.
  if (block.type === 'tool_use') return misplaced(type, block)
  if (type === 'citations_delta') {
    block.citations = [...(Array.isArray(block.citations) ? block.citations : []), sound(delta.citation)]
  }
  return null
}

const misplaced = (type: string, block: Block) =>
  `the stream carried a ${type.slice(0, 50)} in a ${block.type} block`

/** Lets the first calls through, and everything that is no call. */
function nthCall(most: number) {
  let calls = 0
  return ({ block }: Slot) => block.type !== 'tool_use' || calls++ < most
}

function finished({ block }: Slot): Block {
  // Signed thoughts come back to the letter. Halves of characters in text are refused when they are sent back; between two
  // pieces they were whole.
  return block.type === 'text' ? { ...block, text: sound(block.text) } : block
}

function finishedCall({ block, json }: Slot, ids: Set<string>, malformedArgs: Record<string, string>): Block {
  const call = { ...block, id: usableId(String(block.id), ids), name: usableName(String(block.name)) }
  ids.add(call.id)
  // Some compatible servers send the whole input at the start of the block and no pieces.
  const isWhole = json === null || (json.trim() === '' && isObject(block.input))
  const input = isWhole ? (block.input ?? {}) : json.trim() === '' ? {} : parsed(json)
  if (isObject(input)) return { ...call, input }
  malformedArgs[call.id] = isWhole ? JSON.stringify(block.input) : json
  return { ...call, input: {} }
}

/** An id that is free and can be a key of any object. */
function usableId(id: string, used: Set<string>): string {
  const base = /^[\w.:-]{1,200}$/.test(id) && !(id in Object.prototype) ? id : 'call'
  let free = base
  for (let number = 2; used.has(free); number++) free = `${base}_${number}`
  return free
}

/** Names that the API would refuse when they come back are replaced, and never by the name of a tool that there is. */
function usableName(name: string): string {
  if (/^[\w-]{1,128}$/.test(name)) return name
  return `unknown_${name.replace(/[^\w-]/g, '_').slice(0, 50)}`
}

function parsed(json: string): unknown {
  try {
    return sound(JSON.parse(json))
  } catch {
    return undefined // Reported as malformed by the caller, with the raw text.
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isBlock = (value: unknown): value is Block => isObject(value) && typeof value.type === 'string'

const textOrNull = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
