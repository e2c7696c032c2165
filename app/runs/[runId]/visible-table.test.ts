// A gate shows what is really there: whatever would hide, move or turn text round is spelled out.
import { expect, test } from 'vitest'
import { oneLine, visible } from '../../_ui/visible-text.ts'

const HIDDEN = {
  ...Object.fromEntries(
    [...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c'].map(char => [
      `direction ${name(char)}`,
      char,
    ]),
  ),
  ...Object.fromEntries(
    [
      ...'\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u115f\u180e\u3164\u{e0020}\u{e007f}',
    ].map(char => [`no width ${name(char)}`, char]),
  ),
  ...Object.fromEntries(
    [...'\0\u0007\b\u000b\f\r\u000e\u001b\u007f\u0085\u0090\u009b\u009d\u009f\u2028\u2029\ufff9'].map(
      char => [`control ${name(char)}`, char],
    ),
  ),
}

function name(char: string): string {
  return `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}

test.each(Object.entries(HIDDEN))('%s is seen', (_, char) => {
  const shown = visible(`rm ${char}-rf build`)
  expect(shown).not.toContain(char)
  expect(shown).toMatch(/^rm (?:⟨U\+[0-9A-F]{4,5}⟩|[␀-␡])-rf build$/)
  // On a line, what only separates may be a space.
  expect(oneLine(`rm ${char}-rf build`)).not.toContain(char)
})

test.each(['größe 大きさ 🙂', 'a\tb\nc', 'עברית', 'العربية', 'e\u0301'])('ordinary text stays: %s', text => {
  expect(visible(text)).toBe(text)
})
