import { expect, test } from 'vitest'
import { createPanel } from './panel.ts'
import { columnsOf, cutColumns } from './width.ts'

const plain = (_: string, text: string) => text

test('a panel in a terminal that became narrower is taken away with the rows it wraps to', () => {
  const size = { columns: 80, rows: 24 }
  const panel = createPanel(() => size, plain)
  expect(panel.show([{ text: 'x'.repeat(60) }, { text: 'y' }])).toBe(`${'x'.repeat(60)}\ny`)
  size.columns = 25
  // Three rows of the first line and one of the second: up by three.
  expect(panel.around('')).toBe(`\r\u001b[3A\u001b[J${'x'.repeat(23)}…\ny`)
})

test('the same lines are drawn again once the width has changed', () => {
  const size = { columns: 80 }
  const panel = createPanel(() => size, plain)
  panel.show([{ text: 'one' }])
  expect(panel.show([{ text: 'one' }])).toBe('')
  size.columns = 40
  expect(panel.show([{ text: 'one' }])).toBe('\r\u001b[Jone')
})

test('a panel is never higher than the screen', () => {
  const panel = createPanel(() => ({ columns: 80, rows: 4 }), plain)
  const lines = Array.from({ length: 10 }, (_, at) => ({ text: `line ${at}` }))
  expect(panel.show(lines)).toBe('line 0\nline 1\nline 2')
})

test.each([
  ['plain', 5],
  ['日本語', 6],
  ['e\u0301', 1],
  ['🚀 go', 5],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns)
})

test('wide letters are cut where the room ends', () => {
  expect(cutColumns('日本語', 6)).toBe('日本語')
  expect(cutColumns('日本語', 5)).toBe('日本…')
  expect(cutColumns('日本語', 4)).toBe('日…')
  expect(cutColumns('abc', 0)).toBe('')
})
