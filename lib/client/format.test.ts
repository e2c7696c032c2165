import { describe, expect, test } from 'vitest'
import {
  age,
  bytes,
  clock,
  compact,
  cost,
  count,
  duration,
  goalTitle,
  projectName,
  shortId,
} from './format.ts'

describe('times', () => {
  test('an age has one unit, rounded down', () => {
    const at = (seconds: number) => age(0, seconds * 1000)
    expect([0, 59, 60, 3599, 3600, 86_399, 86_400].map(at)).toEqual([
      '0 s',
      '59 s',
      '1 m',
      '59 m',
      '1 h',
      '23 h',
      '1 d',
    ])
  })
  test('a clock of another machine that runs ahead does not make a negative age', () => {
    expect(age(5000, 0)).toBe('0 s')
  })
  test('durations grow from milliseconds to hours without a jump such as 60.0 s', () => {
    expect([0.4, 340, 4800, 59_940, 59_960, 72_000, 3_599_600, 7_500_000].map(duration)).toEqual([
      '0 ms',
      '340 ms',
      '4.8 s',
      '59.9 s',
      '1 m 00 s',
      '1 m 12 s',
      '1 h 00 m',
      '2 h 05 m',
    ])
  })
  test('a running clock shows minutes and seconds, hours only when there are some', () => {
    expect([-5, 42_000, 3_723_000].map(clock)).toEqual(['00:00', '00:42', '1:02:03'])
  })
})

describe('amounts', () => {
  test('an unknown price is never shown as free', () => {
    expect([null, 0, 0.004, 0.21, 12].map(cost)).toEqual(['—', '$0.00', '<$0.01', '$0.21', '$12.00'])
  })
  test('large counts are shortened', () => {
    expect([940, 1000, 12_440, 402_000, 999_700, 1_240_000].map(compact)).toEqual([
      '940',
      '1k',
      '12.4k',
      '402k',
      '1M',
      '1.2M',
    ])
  })
  test('bytes', () => {
    expect([12, 41_000, 2_100_000].map(bytes)).toEqual(['12 B', '41 kB', '2.1 MB'])
  })
  test('one run, two runs', () => {
    expect([count(1, 'run'), count(2, 'run'), count(2, 'entry', 'entries')]).toEqual([
      '1 run',
      '2 runs',
      '2 entries',
    ])
  })
})

describe('names', () => {
  test('a run is called by the start of its id', () => {
    expect(shortId('550e8400-e29b-41d4-a716-446655440000')).toBe('550e8400')
  })
  test('a project is called by the last part of its path', () => {
    expect(['/home/ana/shop-api/', 'C:\\code\\web', '/'].map(projectName)).toEqual(['shop-api', 'web', '/'])
  })
  test('a goal of several lines is told by its first', () => {
    expect(goalTitle('\n  Make the build green\nand keep the API')).toBe('Make the build green')
    expect(goalTitle('x'.repeat(300))).toHaveLength(120)
  })
})
