import fc from 'fast-check'
import { expect, test } from 'vitest'
import { harmless, harmlessJson, oneLine } from './harmless.ts'

const ESC = '\u001b'
const STEERS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

test.each([
  ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
  ['the window title', `a${ESC}]0;owned\u0007b`, 'ab'],
  ['a hyperlink', `${ESC}]8;;http://evil${ESC}\\here${ESC}]8;;${ESC}\\`, 'here'],
  ['clearing the screen', `${ESC}[2J${ESC}[Hgone`, 'gone'],
  ['one-byte sequences', '\u009b31mred', 'red'],
  ['an unfinished sequence', `end${ESC}]0;title`, 'end'],
  ['writing over a line', 'failed\rpassed', 'failedpassed'],
  ['backspaces', 'no\b\byes', 'noyes'],
  ['turned reading order', 'a\u202etxt.exe', 'atxt.exe'],
  ['line ends of Windows', 'a\r\nb', 'a\nb'],
  ['plain text in any script', 'Größe 大きさ 🙂\n\tnext', 'Größe 大きさ 🙂\n\tnext'],
])('%s: what is printed does not steer the terminal', (_, given, printed) => {
  expect(harmless(given)).toBe(printed)
})

test('whatever a run prints, nothing that steers a terminal is left of it', () => {
  const nasty = fc.string({
    unit: fc.oneof(fc.constantFrom(ESC, '[', ']', '\u009b', '\u0007', '\\', '\r', '3', 'm'), fc.string()),
  })
  fc.assert(fc.property(nasty, text => !STEERS.test(harmless(text))))
})

test('on one line, line ends are spaces', () => {
  expect(oneLine('  first\n\n second\t third ')).toBe('first second third')
})

test('JSON keeps its value and says everything that steers in escapes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const json = harmlessJson({ text })
      return !STEERS.test(json) && (JSON.parse(json) as { text: string }).text === text
    }),
  )
})
