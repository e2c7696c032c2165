// What is known of models by name: prices, context windows, output limits. The only place with such numbers.
import type { ModelInfo } from '#lib/contract/models'
import type { Usage } from './model.ts'

/** USD per million tokens; `cache_write` is the five-minute cache. */
export type Price = NonNullable<ModelInfo['price']> & {
  /** Some models charge every token of a request by this price when its prompt is longer than `above` tokens. */
  long_prompt?: NonNullable<ModelInfo['price']> & { above: number }
}

export interface ModelFacts {
  title: string
  /** null where not known: the cost is then null too, never 0. */
  price: Price | null
  contextWindow: number | null
  maxOutputTokens: number | null
}

/** What a configuration may add or replace, by the name a run asks for, e.g. `ollama/qwen3-coder`. */
export type ExtraModels = Record<string, Partial<ModelFacts>>

const usd = (input: number, output: number, cacheRead: number, cacheWrite: number): Price => ({
  input,
  output,
  cache_read: cacheRead,
  cache_write: cacheWrite,
})

const facts = (
  title: string,
  price: Price,
  contextWindow = 1_000_000,
  maxOutputTokens = 128_000,
): ModelFacts => ({ title, price, contextWindow, maxOutputTokens })

/** In the order in which a person would want to choose; as published in November 2026. */
export const CLAUDE_MODELS: Record<string, ModelFacts> = {
  'claude-sonnet-4-6': facts('Claude Sonnet 4.6', usd(3, 15, 0.3, 3.75)),
  'claude-sonnet-5-5': facts('Claude Sonnet 5.5', usd(2, 10, 0.1, 2.5)),
  'claude-opus-5-5': facts('Claude Opus 5.5', usd(4, 20, 0.2, 5)),
  'claude-haiku-5-5': facts('Claude Haiku 5.5', {
    ...usd(0.1, 0.5, 0.01, 0.125),
    long_prompt: { above: 100_000, ...usd(0.5, 2.5, 0.05, 0.625) },
  }),
  'claude-fable-5-1': facts('Claude Fable 5.1', usd(10, 50, 0.25, 12.5)),
  'claude-sonnet-5': facts('Claude Sonnet 5', usd(2, 10, 0.2, 2.5)),
  'claude-opus-5': facts('Claude Opus 5', usd(5, 25, 0.5, 6.25)),
  'claude-opus-4-8': facts('Claude Opus 4.8', usd(5, 25, 0.5, 6.25)),
  'claude-opus-4-7': facts('Claude Opus 4.7', usd(5, 25, 0.5, 6.25)),
  'claude-opus-4-6': facts('Claude Opus 4.6', usd(5, 25, 0.5, 6.25)),
  'claude-opus-4-5': facts('Claude Opus 4.5', usd(5, 25, 0.5, 6.25), 200_000, 64_000),
  'claude-sonnet-4-5': facts('Claude Sonnet 4.5', usd(3, 15, 0.3, 3.75), 200_000, 64_000),
  'claude-haiku-4-5': facts('Claude Haiku 4.5', usd(1, 5, 0.1, 1.25), 200_000, 64_000),
}

// Hardly offered any more: priced when a gateway still serves them, not proposed in lists.
const OLDER_CLAUDE_MODELS: Record<string, ModelFacts> = {
  'claude-opus-4-1': facts('Claude Opus 4.1', usd(15, 75, 1.5, 18.75), 200_000, 32_000),
  'claude-opus-4': facts('Claude Opus 4', usd(15, 75, 1.5, 18.75), 200_000, 32_000),
  'claude-opus-4-0': facts('Claude Opus 4', usd(15, 75, 1.5, 18.75), 200_000, 32_000),
  'claude-sonnet-4': facts('Claude Sonnet 4', usd(3, 15, 0.3, 3.75), 200_000, 64_000),
  'claude-sonnet-4-0': facts('Claude Sonnet 4', usd(3, 15, 0.3, 3.75), 200_000, 64_000),
}

const UNKNOWN: ModelFacts = { title: '', price: null, contextWindow: null, maxOutputTokens: null }

/**
 * What is known of a model. Dated ids (`claude-haiku-4-5-20251001`) mean their alias; a name that only begins like a
 * known one (`claude-opus-4-9`) is unknown, because its price would be a guess.
 */
export function factsOf(name: string, extra: ExtraModels = {}): ModelFacts {
  const plain = name.replace(/^anthropic\//, '')
  const alias = plain.replace(/(?:[-@]\d{8}|-latest)$/, '')
  const known = { ...OLDER_CLAUDE_MODELS, ...CLAUDE_MODELS }
  const found = Object.hasOwn(known, alias) ? known[alias] : undefined
  const added = Object.hasOwn(extra, name)
    ? extra[name]
    : Object.hasOwn(extra, plain)
      ? extra[plain]
      : undefined
  return { ...UNKNOWN, title: plain, ...found, ...added }
}

/** USD of one model call; null when the price is not known. */
export function costOf(usage: Usage, price: Price | null): number | null {
  if (price === null) return null
  const prompt = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
  const { long_prompt: long } = price
  const per = long && prompt > long.above ? long : price
  return (
    (usage.input_tokens * per.input +
      usage.output_tokens * per.output +
      usage.cache_read_input_tokens * per.cache_read +
      usage.cache_creation_input_tokens * per.cache_write) /
    1_000_000
  )
}
