import { describe, expect, it } from 'vitest'
import { costOf, factsOf } from './pricing.ts'

const usage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
}

describe('the cost of a call', () => {
  it('is the sum of input, output, cache reads and cache writes at their own prices', () => {
    const { price } = factsOf('claude-sonnet-4-6')
    const million = 1_000_000
    expect(costOf({ ...usage, input_tokens: million }, price)).toBe(3)
    expect(costOf({ ...usage, output_tokens: million }, price)).toBe(15)
    expect(costOf({ ...usage, cache_read_input_tokens: million }, price)).toBe(0.3)
    expect(costOf({ ...usage, cache_creation_input_tokens: million }, price)).toBe(3.75)
    const mixed = {
      input_tokens: 1200,
      output_tokens: 340,
      cache_read_input_tokens: 10_000,
      cache_creation_input_tokens: 500,
    }
    expect(costOf(mixed, price)).toBeCloseTo(0.0036 + 0.0051 + 0.003 + 0.001875, 12)
  })

  it('follows the price of long prompts, counting the cached part of a prompt too', () => {
    const { price } = factsOf('claude-haiku-5-5')
    const short = { ...usage, cache_read_input_tokens: 100_000, output_tokens: 1_000_000 }
    expect(costOf(short, price)).toBeCloseTo(0.001 + 0.5, 12)
    expect(costOf({ ...short, input_tokens: 1 }, price)).toBeCloseTo(0.0000005 + 0.005 + 2.5, 12)
  })

  it('is not known, rather than nothing, for a model without a price', () => {
    expect(costOf({ ...usage, input_tokens: 5 }, factsOf('ollama/qwen3-coder').price)).toBeNull()
  })
})

describe('what is known of a model', () => {
  it('holds for its dated ids and its provider prefix', () => {
    const haiku = factsOf('claude-haiku-4-5')
    expect(haiku).toMatchObject({ contextWindow: 200_000, maxOutputTokens: 64_000 })
    for (const name of [
      'claude-haiku-4-5-20251001',
      'claude-haiku-4-5@20251001',
      'claude-haiku-4-5-latest',
    ]) {
      expect(factsOf(name), name).toEqual({ ...haiku, title: 'Claude Haiku 4.5' })
    }
    expect(factsOf('anthropic/claude-haiku-4-5')).toEqual(haiku)
    expect(factsOf('claude-opus-4-20250514').price?.input).toBe(15)
  })

  it.each([
    'claude-opus-4-9',
    'claude-sonnet-4-6-fast',
    'gpt-7',
    'openrouter/anthropic/claude-sonnet-4-6',
    'toString',
  ])('is nothing for %s, which only looks like a known one', name => {
    expect(factsOf(name)).toMatchObject({ price: null, contextWindow: null, maxOutputTokens: null })
  })

  it('can be added and corrected by configuration', () => {
    const free = { input: 0, output: 0, cache_read: 0, cache_write: 0 }
    const extra = {
      'ollama/q': { price: free, contextWindow: 32_768 },
      'claude-sonnet-4-6': { contextWindow: 9 },
    }
    expect(factsOf('ollama/q', extra)).toMatchObject({
      price: free,
      contextWindow: 32_768,
      title: 'ollama/q',
    })
    expect(factsOf('claude-sonnet-4-6', extra)).toMatchObject({ contextWindow: 9, price: { input: 3 } })
  })
})
