// How much of the end of a piece must wait for the next one, because a secret may go on there.

/** A run without spaces that is longer than this is shown: nothing is kept for ever. */
const MAX_HELD = 16_384
const LOOKED_AT = 32_768

export function heldBack(text: string, values: string[]): number {
  const tail = text.slice(-LOOKED_AT)
  const token = /[^\s]*$/.exec(tail.slice(-MAX_HELD - 1))![0]
  // Dots of a test runner hide nothing.
  let held = /[A-Za-z0-9]/.test(token) ? token.length : /-{0,5}$/.exec(token)![0].length
  held = Math.max(held, openKey(tail), encodedLines(tail))
  for (const value of values) {
    if (!/\s/.test(value)) continue
    for (let length = Math.min(value.length - 1, tail.length); length > held; length--) {
      if (tail.endsWith(value.slice(0, length))) held = length
    }
  }
  return held > MAX_HELD ? 0 : held
}

/** A private key that has begun and not ended. */
function openKey(tail: string): number {
  const from = tail.lastIndexOf('-----BEGIN')
  return from === -1 || /-----END[^\n-]*-----\S*\s/.test(tail.slice(from)) ? 0 : tail.length - from
}

/** Wrapped base64: a secret may go over the end of a line. */
function encodedLines(tail: string): number {
  return /(?:^|\n)((?:[A-Za-z0-9+/_-]{56,}\r?\n)+[A-Za-z0-9+/_=-]*)$/.exec(tail)?.[1]?.length ?? 0
}
