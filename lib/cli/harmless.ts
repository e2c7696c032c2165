// What a run prints may try to steer the terminal that shows it: move the cursor, hide text, set the title, turn the
// reading order round. Everything that comes from a run passes here before it is printed.

/** Whole escape sequences, so that no `[31m` remains: CSI, OSC and the like up to their end, two-character ones. */
const SEQUENCE =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)|\u001b[ -/]*[0-~]/g
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Marks that reorder or hide the text around them. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

/** Text that can be printed as it is; lines stay lines. */
export function harmless(text: string): string {
  return text.replace(SEQUENCE, '').replace(/\r\n/g, '\n').replace(CONTROL, '').replace(INVISIBLE, '')
}

/** For what a person decides about: nothing that hides or turns text round is left out, it is spelled. */
export function spelled(text: string): string {
  return text
    .replace(SEQUENCE, '')
    .replace(/\r\n/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, nameOf)
    .replace(HIDDEN, nameOf)
}

const HIDDEN =
  /[\u00ad\u061c\u115f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\u{e0000}-\u{e007f}]/gu
const nameOf = (char: string) =>
  `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`

/** Harmless, on one line. */
export function oneLine(text: string): string {
  return harmless(text).replace(/\s+/g, ' ').trim()
}

/** JSON in which a terminal finds nothing to obey; parsers read the same value. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu,
    char =>
      // A letter of tags is two units of JSON.
      char
        .split('')
        .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
  )
}
