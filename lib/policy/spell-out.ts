/** On one line, with everything that hides or turns text round named: for sentences about a command that a person decides on. */
export const spellOut = (text: string): string =>
  text
    .replace(/\r?\n/g, ' ⏎ ')
    .replace(
      /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\u115f\u3164]/gu,
      char => `⟨U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
    )
