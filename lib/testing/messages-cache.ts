// The prompt cache of the Messages API server: what a request would be billed as, by its marks. It lets a test measure
// what good marks save.
import { createHash } from 'node:crypto'
import type { Usage } from '#lib/models/model'

type Json = Record<string, unknown>

export interface PromptCache {
  /** The input figures of this request; what it marks is remembered. */
  bill(body: Json): Omit<Usage, 'output_tokens'>
}

const CHARACTERS_PER_TOKEN = 4
/** How many blocks before a mark the API looks for an older entry. */
const LOOKBACK = 20
/** Shorter prefixes are not cached. */
const MINIMUM_TOKENS = 1024

export const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN)

export function createPromptCache(): PromptCache {
  const entries = new Set<string>()

  function bill(body: Json): Omit<Usage, 'output_tokens'> {
    const blocks = prefixOf(body)
    const hash = createHash('sha256').update(String(body.model))
    let tokens = 0
    const points = blocks.map(({ json, marked }) => {
      hash.update(json)
      tokens += tokensOf(json)
      return { key: hash.copy().digest('hex'), tokens, marked }
    })
    const marks = points.flatMap((point, index) =>
      point.marked && point.tokens >= MINIMUM_TOKENS ? [index] : [],
    )
    const written = Math.max(0, ...marks.map(index => points[index]?.tokens ?? 0))
    const read = Math.max(
      0,
      ...marks.map(index => longestHit(points.slice(Math.max(0, index - LOOKBACK), index + 1))),
    )
    for (const index of marks) entries.add(points[index]?.key ?? '')
    return {
      input_tokens: tokens - written,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written - read,
    }
  }

  function longestHit(points: { key: string; tokens: number }[]): number {
    return points.findLast(point => entries.has(point.key))?.tokens ?? 0
  }

  return { bill }
}

/** Tools, system, messages: in the order of the prefix, block by block, without the marks. */
function prefixOf(body: Json): { json: string; marked: boolean }[] {
  const messages = asList(body.messages).flatMap(message =>
    asList(message.content).map((block): Json => ({ role: message.role, ...block })),
  )
  return [...asList(body.tools), ...asList(body.system), ...messages].map(block => {
    const { cache_control: mark, ...rest } = block
    return { json: JSON.stringify(rest), marked: mark !== undefined && mark !== null }
  })
}

function asList(value: unknown): Json[] {
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }]
  return Array.isArray(value) ? (value as Json[]) : [] // Validated before: a list of objects.
}
