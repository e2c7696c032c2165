import { expect, test } from 'vitest'
import { matchOutput } from './match-output.ts'

test('^ and $ match at lines', async () => {
  expect(await matchOutput('^coverage: 9\\d%$', 'a\ncoverage: 93%\nb')).toBe('yes')
  expect(await matchOutput('^coverage: 9\\d%$', 'coverage: 83%')).toBe('no')
})

test('a pattern that would run for years is stopped, and the event loop goes on meanwhile', async () => {
  let turns = 0
  const counter = setInterval(() => turns++, 5)
  const match = await matchOutput('(a+)+$', `${'a'.repeat(50)}b`, 300)
  clearInterval(counter)
  expect(match).toBe('too_slow')
  expect(turns).toBeGreaterThan(10)
})

test('what is no pattern is refused', async () => {
  await expect(matchOutput('(', 'x')).rejects.toThrow(/regular expression/i)
})
