import { describe, expect, it } from 'vitest'
import { eventFailure, hide, providerFailure, shorten } from './failures.ts'

const kindOf = (status: number, message = '', headers: Record<string, string> = {}, code?: string) => {
  const failure = providerFailure({ status, message, headers: new Headers(headers), code: code ?? null }, [])
  return 'failure' in failure ? failure.failure : 'passes'
}

describe('a failure is told apart', () => {
  it.each([408, 409, 429, 500, 502, 503, 504, 529])('%i passes', status => {
    expect(kindOf(status, 'Try again')).toBe('passes')
  })

  it.each([400, 401, 403, 404, 413, 422, 405, 415])('%i is rejected', status => {
    expect(kindOf(status, 'No')).toBe('rejected')
  })

  it.each([
    [402, 'Your card was declined'],
    [429, 'Your organization has reached its monthly spend limit'],
    [429, 'Your credit balance is too low'],
    [429, 'You exceeded your current quota'],
    [400, 'You have reached your specified API usage limits. You will regain access on 2026-12-01'],
    [400, 'Your credit balance is too low to access the Anthropic API'],
  ])('%i with “%s” is a quota', (status, message) => {
    expect(kindOf(status, message)).toBe('quota')
  })

  it('a code counts more than words', () => {
    expect(kindOf(429, 'Nope', {}, 'enforced_spend_limit_reached')).toBe('quota')
    expect(kindOf(429, 'Nope', {}, 'insufficient_quota')).toBe('quota')
    expect(kindOf(429, 'Nope', {}, 'rate_limit_error')).toBe('passes')
  })

  it('a rate limit is no quota, nor is a limit that ends at a known time', () => {
    expect(kindOf(429, 'This request would exceed your rate limit of 50 requests per minute')).toBe('passes')
    expect(kindOf(429, 'The load balancer has suspended this backend')).toBe('passes')
    expect(kindOf(429)).toBe('passes')
    expect(kindOf(429, 'The workspace spend limit is reached', { 'retry-after': '3' })).toBe('passes')
  })

  it('a redirect that is meant to last is a wrong address, any other passes', () => {
    const to = { location: 'https://elsewhere.test/v1/messages' }
    expect([301, 308].map(status => kindOf(status, '', to))).toEqual(['rejected', 'rejected'])
    expect([302, 303, 307].map(status => kindOf(status, '', to))).toEqual(['passes', 'passes', 'passes'])
    expect(providerFailure({ status: 301, message: '', headers: new Headers(to) }, []).message).toContain(
      'https://elsewhere.test/v1/messages',
    )
  })

  it('an error event has the meaning of its type', () => {
    const event = (type: string) => eventFailure({ type: 'error', error: { type, message: 'm' } }, [])
    expect(event('overloaded_error')).toMatchObject({ name: 'AttemptFailure', status: 529 })
    expect(event('something_new')).toMatchObject({ name: 'AttemptFailure', status: 500 })
    expect(event('billing_error')).toMatchObject({ failure: 'quota' })
    expect(event('invalid_request_error')).toMatchObject({ failure: 'rejected' })
    expect(eventFailure('garbage', [])).toMatchObject({ name: 'AttemptFailure' })
  })
})

describe('what a person reads', () => {
  it('is the words of an HTML page, cut to a line', () => {
    expect(shorten('<!doctype html><style>p{}</style><h1>Bad\n gateway</h1><p>nginx</p>')).toBe(
      'Bad gateway nginx',
    )
    expect(shorten('x'.repeat(5000))).toHaveLength(301)
  })

  it.each(['<', '<a', '<script>', '<style', '<!--', '\t'])(
    'is found in a moment, also where a body of megabytes is nothing but %j',
    unit => {
      const started = performance.now()
      expect(shorten(unit.repeat(8 << 20)).length).toBeLessThan(302)
      expect(performance.now() - started).toBeLessThan(1000)
    },
  )

  it('never has the key in it', () => {
    expect(hide('invalid key sk-1, I said sk-1', ['sk-1'])).toBe('invalid key [key], I said [key]')
    expect(hide('nothing to hide', [''])).toBe('nothing to hide')
  })
})
