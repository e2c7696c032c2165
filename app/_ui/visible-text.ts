// What a run prints is hostile: characters that hide text, turn its direction or move a cursor are shown instead of obeyed.

// C0 and C1 controls except tab and newline; soft hyphen, zero-width and direction marks, tags, and invisible separators. Joiners
// belong into emoji and many scripts; beside plain ASCII they only hide. Half characters, which HTML cannot carry.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]|(?<=^|[\u0000-\u007f])[\u200c\u200d]|[\u200c\u200d](?=$|[\u0000-\u007f])/gu

/** Every character can be seen: `\u001b` stands as ␛, a direction mark as ⟨U+202E⟩. */
export function visible(text: string): string {
  return text.replace(HIDDEN, nameOf)
}

/** The same in pieces, so that what was made visible can be marked. */
export function visibleParts(text: string): { text: string; marked: boolean }[] {
  const parts: { text: string; marked: boolean }[] = []
  let from = 0
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), marked: false })
    parts.push({ text: nameOf(match[0]), marked: true })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), marked: false })
  return parts
}

function nameOf(char: string): string {
  const code = char.codePointAt(0) ?? 0
  // Unicode has pictures for the old control characters.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '␡'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/** One line for a row: cut, spaces collapsed, nothing hidden. */
export function oneLine(text: string, max = 300): string {
  const cut = text
    .slice(0, max * 4)
    .replace(/\s+/g, ' ')
    .trim()
  // A pair that is cut through would be half a character.
  return visible(cut.length > max ? `${cut.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…` : cut)
}

/** The first lines of a text that may be megabytes long, without splitting all of it. */
export function headOf(text: string, maxChars: number): { text: string; cut: number } {
  return text.length <= maxChars
    ? { text, cut: 0 }
    : { text: text.slice(0, maxChars), cut: text.length - maxChars }
}
