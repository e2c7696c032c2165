import { describe, expect, it, test } from 'vitest'
import { parseDuration, parsePort, parseServer, parseTokens, parseUsd, parseWhole } from './parse-options.ts'

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })
  it.each(['30', '', 'm', '30 m', '1h30', '-5m', '0s', '5x'])('“%s” is refused', text => {
    expect(() => parseDuration(text)).toThrow(/number with its unit|longer than nothing/)
  })
})

test('amounts may carry their sign', () => {
  expect([parseUsd('2.50'), parseUsd('$3')]).toEqual([2.5, 3])
  for (const text of ['', '0', '-1', 'two']) expect(() => parseUsd(text)).toThrow('US dollars')
})

test('tokens may be given in thousands and millions', () => {
  expect([parseTokens('200000'), parseTokens('200k'), parseTokens('1.5M')]).toEqual([
    200_000, 200_000, 1_500_000,
  ])
  for (const text of ['', '1.5', '2m', '0', '-3']) expect(() => parseTokens(text)).toThrow('number of tokens')
})

test('whole numbers and ports are refused when they are none', () => {
  expect([parseWhole('0'), parsePort('65535')]).toEqual([0, 65_535])
  for (const text of ['', ' ', '1.5', '-1', 'x']) expect(() => parseWhole(text)).toThrow('whole number')
  expect(() => parsePort('65536')).toThrow('0 (any free one) to 65535')
})

test('a server may be named without its scheme, and loses the slash at its end', () => {
  expect(parseServer('localhost:9000')).toBe('http://localhost:9000')
  expect(parseServer('https://runs.example/')).toBe('https://runs.example')
  expect(() => parseServer('http://')).toThrow('http://localhost:8000')
})
