import { expect, test } from 'vitest'
import { findItems, matchScore, type PaletteItem, readQuery } from './palette.ts'

const item = (title: string, rest: Partial<PaletteItem> = {}): PaletteItem => ({
  id: title,
  kind: 'action',
  title,
  run() {},
  ...rest,
})
const ITEMS = [
  item('New run', { kind: 'page' }),
  item('Runs', { kind: 'page' }),
  item('Abort the run'),
  item('pytest', { kind: 'run', detail: 'shop-api', words: '550e8400 achieved' }),
  item('Theme: dark', { kind: 'setting' }),
]
const found = (text: string) => findItems(ITEMS, text).map(one => one.title)

test('the beginning of a word is meant before its middle, and the title before what stands beside it', () => {
  expect(found('run')).toEqual(['Runs', 'New run', 'Abort the run'])
  expect(found('shop')).toEqual(['pytest'])
  expect(found('5584')).toEqual([])
  expect(found('550e')).toEqual(['pytest'])
})

test('all words must be found, in any order and any case; letters may stand for words', () => {
  expect(found('RUN new')).toEqual(['New run'])
  expect(found('nr')).toEqual(['New run'])
  expect(found('tdark')).toEqual(['Theme: dark'])
  expect(found('new zebra')).toEqual([])
})

test('a sign before the question asks for one kind', () => {
  expect(readQuery('> ab')).toEqual({ only: ['action', 'page', 'setting'], query: 'ab' })
  expect(found('#')).toEqual(['pytest'])
  expect(found('>pytest')).toEqual([])
  expect(found('')).toHaveLength(5)
})

test('scattered letters of a long text are not a match', () => {
  expect(matchScore('zeus', 'size of every unusual structure')).toBeNull()
  expect(matchScore('a', '')).toBeNull()
})
