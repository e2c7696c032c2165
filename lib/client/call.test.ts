import { expect, test } from 'vitest'
import type { Problem } from '../contract/errors.ts'
import { nextCursor, ProblemError, problemOf, urlOf } from './call.ts'

test('path parameters and query values are encoded, empty ones left out', () => {
  expect(
    urlOf('/api/runs/{run_id}/diff', { run_id: 'a/b c' }, { iteration: 3, q: '', kind: undefined }),
  ).toBe('/api/runs/a%2Fb%20c/diff?iteration=3')
  expect(urlOf('/api/runs', undefined, { q: 'a&b' })).toBe('/api/runs?q=a%26b')
  expect(urlOf('/api/runs', undefined, undefined)).toBe('/api/runs')
})

test('the cursor of the next page comes from the Link header', () => {
  expect(nextCursor('</api/runs?limit=50&cursor=abc%3D>; rel="next"')).toBe('abc=')
  expect(nextCursor('</api/runs>; rel="prev"')).toBeNull()
  expect(nextCursor(null)).toBeNull()
})

test('a problem is passed on as the server said it, with the sentence of each field', async () => {
  const problem: Problem = {
    type: 'about:blank',
    title: 'A field is wrong',
    status: 422,
    detail: 'max_iterations must be 1 to 1000',
    code: 'invalid',
    request_id: 'r1',
    errors: [{ pointer: '/max_iterations', detail: 'must be 1 to 1000' }],
  }
  const error = new ProblemError(await problemOf(Response.json(problem, { status: 422 })))
  expect(error.problem).toEqual(problem)
  expect(error.message).toBe('max_iterations must be 1 to 1000')
  expect([error.field('/max_iterations'), error.field('/goal')]).toEqual(['must be 1 to 1000', undefined])
})

test('an answer that is no problem, such as the page of a proxy, is told by its status', async () => {
  const answer = new Response('<html>Bad Gateway</html>', { status: 502, statusText: 'Bad Gateway' })
  expect(await problemOf(answer)).toMatchObject({ status: 502, title: 'Bad Gateway', code: 'internal' })
})
