import { expect, test } from 'vitest'
import { contentPolicy } from './content-policy.ts'

const directives = (policy: string) =>
  Object.fromEntries(policy.split('; ').map(one => [one.split(' ')[0], one.split(' ').slice(1).join(' ')]))

test('a page loads its own parts and nothing else', () => {
  expect(directives(contentPolicy('n0nce', true))).toEqual({
    'default-src': "'none'",
    'script-src': "'self' 'nonce-n0nce'",
    'style-src': "'self' 'nonce-n0nce'",
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'font-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'default',
  })
})

test('only hot reload is allowed more', () => {
  const policy = directives(contentPolicy('n0nce', false))
  expect(policy['script-src']).toBe("'self' 'nonce-n0nce' 'unsafe-eval'")
  expect(policy['style-src']).toBe("'self' 'unsafe-inline'")
})
