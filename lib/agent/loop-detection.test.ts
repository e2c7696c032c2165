import { expect, test } from 'vitest'
import { isRepeating, repeatsOf } from './loop-detection.ts'

const ran = (keys: string) => [...keys].map(key => ({ tool: 'look', key }))

test.each([
  ['', 1],
  ['a', 1],
  ['ab', 1],
  ['aa', 2],
  ['baaa', 3],
  ['abab', 2],
  ['ababab', 3],
  ['abcabcabc', 3],
  ['aaab', 1],
  ['abcdabcd', 1],
])('%s repeats itself %i times', (keys, times) => {
  expect(repeatsOf(ran(keys))).toBe(times)
})

test('it is said at the third time and the sixth, not at each', () => {
  expect([1, 2, 3, 4, 5, 6].filter(times => isRepeating(times, 3))).toEqual([3, 6])
})
