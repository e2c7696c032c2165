// Finds many fixed strings in a text at once (Wu and Manber): a table says how far a pair of characters may be skipped, so
// that most of a text is never looked at.

export interface Span {
  from: number
  to: number
}

const TABLE = 1 << 16
const MAX_SHIFT = 255

/** Spans in order, not overlapping; of needles that start together the longest. */
export function needleFinder(needles: string[]): (text: string) => Span[] {
  if (needles.length === 0) return () => []
  const window = Math.min(MAX_SHIFT, ...needles.map(({ length }) => length))
  if (window < 2) throw new Error('what is looked for has two characters or more')
  const shifts = new Uint8Array(TABLE).fill(window - 1)
  const endingIn = new Map<number, string[]>()
  for (const needle of needles.toSorted((a, b) => b.length - a.length)) {
    for (let at = 1; at < window; at++) {
      const pair = pairAt(needle, at)
      shifts[pair] = Math.min(shifts[pair]!, window - 1 - at)
    }
    const last = pairAt(needle, window - 1)
    const known = endingIn.get(last)
    if (known) known.push(needle)
    else endingIn.set(last, [needle])
  }
  return text => {
    const spans: Span[] = []
    let at = window - 1
    while (at < text.length) {
      const pair = pairAt(text, at)
      const shift = shifts[pair]!
      if (shift > 0) {
        at += shift
        continue
      }
      const from = at - window + 1
      const found = endingIn.get(pair)?.find(needle => text.startsWith(needle, from))
      if (found) spans.push({ from, to: from + found.length })
      at += found ? found.length : 1
    }
    return spans
  }
}

/** A pair of characters as an index; that two pairs may share one costs a look, not a miss. */
const pairAt = (text: string, at: number) =>
  ((text.charCodeAt(at - 1) << 8) ^ text.charCodeAt(at)) & (TABLE - 1)
