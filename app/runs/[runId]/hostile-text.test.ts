import { describe, expect, test } from 'vitest'
import { headOf, oneLine, visible, visibleParts } from '../../_ui/visible-text.ts'
import { hasColours, terminalText, withoutColours } from './terminal-text.ts'

describe('characters that hide something', () => {
  test('a direction mark cannot make a file name read as another', () => {
    expect(visible('invoice\u202efdp.exe')).toBe('invoice⟨U+202E⟩fdp.exe')
  })
  test('control characters are shown by their pictures; tabs and newlines stay', () => {
    expect(visible('a\u0000b\u001b[31mc\td\n')).toBe('a␀b␛[31mc\td\n')
  })
  test('zero-width and tag characters are shown, an emoji family stays whole', () => {
    expect(visible('a\u200bb\u{e0041}')).toBe('a⟨U+200B⟩b⟨U+E0041⟩')
    expect(visible('👩‍👩‍👧')).toBe('👩‍👩‍👧')
  })
  test('half of a character, which the HTML of a page would carry as another one, is shown', () => {
    expect(visible('a\ud83d b\ude00 😀')).toBe('a⟨U+D83D⟩ b⟨U+DE00⟩ 😀')
    expect(oneLine('😀😀', 3)).toBe('😀…')
  })
  test('in pieces, what was hidden is marked', () => {
    expect(visibleParts('x\u2066y')).toEqual([
      { text: 'x', marked: false },
      { text: '⟨U+2066⟩', marked: true },
      { text: 'y', marked: false },
    ])
  })
  test('a row has one line however the text is broken', () => {
    expect(oneLine(' a\n\n  b\tc ')).toBe('a b c')
    expect(oneLine('x'.repeat(5_000_000), 10)).toBe(`${'x'.repeat(10)}…`)
  })
  test('a text of megabytes is cut, and it says by how much', () => {
    expect(headOf('abcdef', 4)).toEqual({ text: 'abcd', cut: 2 })
    expect(headOf('abc', 4)).toEqual({ text: 'abc', cut: 0 })
  })
})

describe('what is meant for a terminal', () => {
  test('a progress line that was written over shows its last state', () => {
    expect(terminalText('10%\r50%\r100%\ndone\r\n')).toBe('100%\ndone\n')
  })
  test('titles, links, cursor moves and clearing are dropped; colours stay', () => {
    const raw =
      '\u001b]0;evil title\u0007\u001b[2J\u001b[1;1H\u001b[31mred\u001b[0m \u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\'
    expect(terminalText(raw)).toBe('\u001b[31mred\u001b[0m link')
    expect(hasColours(terminalText(raw))).toBe(true)
    expect(withoutColours(terminalText(raw))).toBe('red link')
  })
  test('an unfinished sequence does not swallow the lines after it', () => {
    expect(terminalText('\u001b]0;never closed\nnext line')).toBe('\nnext line')
    expect(terminalText('cut\u001b[3')).toBe('cut')
  })
  test('backspaces are applied', () => {
    expect(terminalText('passwrd\b\bord')).toBe('password')
  })
})
