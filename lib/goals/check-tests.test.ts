import { expect, test } from 'vitest'
import { MAX_CASES, MESSAGE_CHARS, NAME_CHARS, problemsFrom, testsFrom } from './check-tests.ts'

test('two tests never hide behind one name, whatever they are called', () => {
  const named = testsFrom(['a', 'a', 'a (2)', 'a'].map(name => ({ name, state: 'failed' as const })))
  expect(named.total).toBe(4)
  expect(new Set(named.failing).size).toBe(4)
  expect(named.failing.slice(0, 2)).toEqual(['a', 'a (2)'])
})

test('names and messages are cut, and stay apart', () => {
  const long = 'x'.repeat(1_000_000)
  const { cases, failing } = problemsFrom([
    { name: `${long}1`, message: long },
    { name: `${long}2`, message: 'short' },
  ])
  expect(cases[0]?.message).toHaveLength(MESSAGE_CHARS)
  expect(failing[0]?.length).toBe(NAME_CHARS)
  expect(new Set(failing).size).toBe(2)
})

test('of very many cases those that failed are kept, and the counts stay true', () => {
  const cases = Array.from({ length: MAX_CASES + 10 }, (_, i) => ({
    name: `t${i}`,
    state: i === MAX_CASES + 5 ? ('failed' as const) : ('passed' as const),
  }))
  const tests = testsFrom(cases)
  expect(tests).toMatchObject({ passed: MAX_CASES + 9, failed: 1, total: MAX_CASES + 10 })
  expect(tests.cases).toHaveLength(MAX_CASES)
  expect(tests.cases[0]?.name).toBe(`t${MAX_CASES + 5}`)
})
