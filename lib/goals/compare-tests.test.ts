import { expect, test } from 'vitest'
import { countsOnly } from './check-tests.ts'
import { compareTests } from './compare-tests.ts'

const tests = (failing: string[], passed = 5) =>
  countsOnly({ passed, failed: failing.length, skipped: 0, failing })

test('the first check has nothing newly failing and nothing fixed', () => {
  expect(compareTests(null, tests(['a']))).toMatchObject({ failing: ['a'], newly_failing: [], fixed: [] })
})

test('what failed before and what fails now are told apart', () => {
  expect(compareTests(tests(['a', 'b']), tests(['b', 'c']))).toMatchObject({
    failing: ['b', 'c'],
    newly_failing: ['c'],
    fixed: ['a'],
  })
})

test('a check without tests has no counts', () => {
  expect(compareTests(tests(['a']), null)).toBeNull()
})

test('ten thousand failing tests are named by their first two hundred, and still compared whole', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `t${i}`)
  const counts = compareTests(tests(many), tests([...many, 'new']))!
  expect(counts.failing).toHaveLength(200)
  expect(counts.failed).toBe(10_001)
  expect(counts.newly_failing).toEqual(['new'])
})
