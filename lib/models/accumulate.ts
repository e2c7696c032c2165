// Puts a message together from the raw events of its stream. Ours and not the SDK's, because tool arguments that are
// not JSON must come out as such and not as an exception.
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'
import type { ContentBlock, Usage } from './model.ts'

export interface Accumulated {
  content: ContentBlock[]
  stopReason: string | null
  usage: Usage
  model: string | null
  malformedArgs: Record<string, string>
}

export interface Accumulator {
  /** Takes events in their order; those of an unknown type are passed over. */
  add(event: RawMessageStreamEvent): void
  /** Whether the message has been ended by `message_stop`. */
  readonly stopped: boolean
  /** Why the message cannot be used as it is; null when it is complete. */
  problem(): string | null
  result(): Accumulated
}

type Block = Record<string, unknown> & { type: string }
interface Slot {
  block: Block
  /** Pieces of tool arguments; null before the first. */
  json: string | null
  open: boolean
}

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

  function add(event: RawMessageStreamEvent): void {
    switch (event.type) {
      case 'message_start':
        started = true
        model = event.message.model
        takeUsage(usage, event.message.usage)
        return
      case 'content_block_start':
        slots.set(event.index, { block: { ...event.content_block }, json: null, open: true })
        return
      case 'content_block_delta': {
        const slot = slots.get(event.index)
        if (slot) addDelta(slot, event.delta, onText)
        return
      }
      case 'content_block_stop': {
        const slot = slots.get(event.index)
        if (slot) slot.open = false
        return
      }
      case 'message_delta':
        stopReason = event.delta.stop_reason ?? stopReason
        takeUsage(usage, event.usage)
        return
      case 'message_stop':
        stopped = true
        return
    }
  }

  function problem(): string | null {
    if (!started) return 'the stream ended before the message began'
    if (stopReason === null) return 'the stream ended before the message was complete'
    if ([...slots.values()].some(slot => slot.open)) return 'the stream ended within a content block'
    return null
  }

  function result(): Accumulated {
    const malformedArgs: Record<string, string> = {}
    const content = [...slots.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, slot]) => finished(slot, malformedArgs))
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
  }
}

/** Figures in a stream are cumulative: a later one replaces, it is never added. */
function takeUsage(usage: Usage, reported: Partial<Record<keyof Usage, number | null>> | undefined): void {
  for (const key of Object.keys(usage) as (keyof Usage)[]) {
    const value = reported?.[key]
    if (typeof value === 'number') usage[key] = value
  }
}

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta']

function addDelta(slot: Slot, delta: Delta, onText?: (delta: string) => void): void {
  const { block } = slot
  switch (delta.type) {
    case 'text_delta':
      block.text = `${block.text ?? ''}${delta.text}`
      if (delta.text !== '') onText?.(delta.text)
      return
    case 'input_json_delta':
      slot.json = (slot.json ?? '') + delta.partial_json
      return
    case 'thinking_delta':
      block.thinking = `${block.thinking ?? ''}${delta.thinking}`
      return
    case 'signature_delta':
      block.signature = `${block.signature ?? ''}${delta.signature}`
      return
    case 'citations_delta':
      block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation]
      return
  }
}

function finished({ block, json }: Slot, malformedArgs: Record<string, string>): Block {
  if (!('input' in block) && json === null) return block
  // Some compatible servers send the whole input at the start of the block and no pieces.
  if (json === null || (json.trim() === '' && isObject(block.input))) {
    if (isObject(block.input)) return block
    malformedArgs[String(block.id)] = JSON.stringify(block.input) ?? ''
    return { ...block, input: {} }
  }
  const input = json.trim() === '' ? {} : parsed(json)
  if (isObject(input)) return { ...block, input }
  malformedArgs[String(block.id)] = json
  return { ...block, input: {} }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined // Reported as malformed by the caller, with the raw text.
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
