// What terminals have been made to do by text: none of it gets through, on a line, in a block or as JSON.
import { expect, test } from 'vitest'
import { harmless, harmlessJson, oneLine, spelled } from './harmless.ts'

const ESC = '\u001b'
const BEL = '\u0007'
const ST = `${ESC}\\`

/** name → what a run printed, and the words that may be left of it. */
const SEQUENCES: Record<string, [given: string, left: string]> = {
  'cursor up': [`a${ESC}[3Ab`, 'ab'],
  'cursor to a place': [`a${ESC}[1;1Hb`, 'ab'],
  'cursor saved and put back': [`a${ESC}7${ESC}8b`, 'ab'],
  'cursor hidden': [`a${ESC}[?25lb`, 'ab'],
  'screen cleared': [`a${ESC}[2Jb`, 'ab'],
  'scrollback cleared': [`a${ESC}[3Jb`, 'ab'],
  'line erased': [`a${ESC}[2Kb`, 'ab'],
  'other screen': [`a${ESC}[?1049hb`, 'ab'],
  'reset of everything': [`a${ESC}cb`, 'ab'],
  'soft reset': [`a${ESC}[!pb`, 'ab'],
  'scroll region': [`a${ESC}[5;10rb`, 'ab'],
  'insert mode': [`a${ESC}[4hb`, 'ab'],
  'mouse reports': [`a${ESC}[?1003hb`, 'ab'],
  'bracketed paste off': [`a${ESC}[?2004lb`, 'ab'],
  'focus reports': [`a${ESC}[?1004hb`, 'ab'],
  'concealed text': [`a${ESC}[8mhidden${ESC}[0mb`, 'ahiddenb'],
  'colours by semicolons': [`a${ESC}[38;5;0mb`, 'ab'],
  'colours by colons': [`a${ESC}[38:2::1:2:3mb`, 'ab'],
  'who are you': [`a${ESC}[cb`, 'ab'],
  'who are you, again': [`a${ESC}[>cb`, 'ab'],
  'where is the cursor': [`a${ESC}[6nb`, 'ab'],
  'what is the title': [`a${ESC}[21tb`, 'ab'],
  'resize of the window': [`a${ESC}[8;1;1tb`, 'ab'],
  'answer of the terminal': [`a${ESC}Zb`, 'ab'],
  'settings asked for': [`a${ESC}[?2026$pb`, 'ab'],
  'title by BEL': [`a${ESC}]0;owned${BEL}b`, 'ab'],
  'title by ST': [`a${ESC}]2;owned${ST}b`, 'ab'],
  'title of one byte': ['a\u009d0;owned\u009cb', 'ab'],
  'title without an end': [`a${ESC}]0;owned`, 'a'],
  'link (OSC 8)': [`a${ESC}]8;;https://evil.test${ST}here${ESC}]8;;${ST}b`, 'ahereb'],
  'clipboard (OSC 52)': [`a${ESC}]52;c;cm0gLXJmIC8=${BEL}b`, 'ab'],
  'clipboard asked for': [`a${ESC}]52;c;?${BEL}b`, 'ab'],
  'palette (OSC 4)': [`a${ESC}]4;1;rgb:00/00/00${BEL}b`, 'ab'],
  'colours asked for (OSC 10)': [`a${ESC}]10;?${BEL}b`, 'ab'],
  'notification (OSC 9)': [`a${ESC}]9;click me${BEL}b`, 'ab'],
  'notification (OSC 777)': [`a${ESC}]777;notify;t;b${BEL}b`, 'ab'],
  'a file (OSC 1337)': [`a${ESC}]1337;File=inline=1:AAAA${BEL}b`, 'ab'],
  'prompt marks (OSC 133)': [`a${ESC}]133;C${BEL}b`, 'ab'],
  'DCS settings': [`a${ESC}P$q"p${ST}b`, 'ab'],
  'DCS sixel': [`a${ESC}Pq#0;2;0;0;0~-${ST}b`, 'ab'],
  'DCS tmux passthrough': [`a${ESC}Ptmux;x${ST}b`, 'ab'],
  'DCS of one byte': ['a\u0090q\u009cb', 'ab'],
  'APC kitty image': [`a${ESC}_Gf=24;AAAA${ST}b`, 'ab'],
  'APC of one byte': ['a\u009fG\u009cb', 'ab'],
  PM: [`a${ESC}^private${ST}b`, 'ab'],
  SOS: [`a${ESC}Xstring${ST}b`, 'ab'],
  'CSI of one byte': ['a\u009b2Jb', 'ab'],
  'other C1': ['a\u0084\u0085\u0088\u008d\u0096b', 'ab'],
  'writing over the line': ['FAILED\rpassed', 'FAILEDpassed'],
  'writing over by backspaces': ['no\b\byes', 'noyes'],
  'form feed and vertical tab': ['a\f\vb', 'ab'],
  bell: [`a${BEL}b`, 'ab'],
  'shift out': ['a\u000eb\u000f', 'ab'],
  delete: ['a\u007fb', 'ab'],
  NUL: ['a\0b', 'ab'],
  'other character set': [`a${ESC}(0b`, 'ab'],
  'right to left override': ['a\u202egpj.exe', 'agpj.exe'],
  isolates: ['a\u2066b\u2067c\u2068d\u2069', 'abcd'],
  'direction marks': ['a\u200eb\u200fc\u061cd', 'abcd'],
  'zero-width space': ['rm\u200b -rf', 'rm -rf'],
  'word joiner and byte order mark': ['a\u2060b\ufeffc', 'abc'],
  'letters of tags': ['a\u{e0041}\u{e007f}b', 'ab'],
  'line and paragraph separators': ['a\u2028b\u2029c', 'abc'],
  'an escape inside an escape': [`a${ESC}[${ESC}[2Jb`, 'ab'],
  'an escape that comes together': [`a${ESC}${ESC}[2J]0;x${BEL}b`, 'a]0;xb'],
  'only an escape': [`a${ESC}`, 'a'],
}

/** What no terminal may get; lines and tabs are text. */
const ACTS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u

test('there are sixty of them', () => expect(Object.keys(SEQUENCES).length).toBeGreaterThanOrEqual(60))

test.each(Object.entries(SEQUENCES))('%s', (_, [given, left]) => {
  expect(harmless(given)).not.toMatch(ACTS)
  expect(harmless(given)).toBe(left)
  expect(oneLine(given)).toBe(left)
  expect(spelled(given)).not.toMatch(ACTS)
  const json = harmlessJson({ given })
  expect(json).not.toMatch(ACTS)
  expect(JSON.parse(json)).toEqual({ given })
})

test('what a person decides about is spelled out', () => {
  expect(spelled('rm \u202e-rf\u200b build\r')).toBe('rm ⟨U+202E⟩-rf⟨U+200B⟩ build⟨U+000D⟩')
  expect(spelled('größe\n\tx')).toBe('größe\n\tx')
})
