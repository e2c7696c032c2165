// Where an output was cut, half a secret may stand beside the cut, which nothing whole is found in any more.

/** As cut-output.ts and the file tools write it. */
const CUT = /\[… [\d,]+ (?:bytes|characters)[^\]\n]{0,40} left out …\]/g
/** A run without spaces longer than this is no secret. */
const MAX_TOKEN = 512
const MIN_PART = 4

/** Takes what stands beside a cut, without a space between, when it looks like a part of a secret, or is one of a known value. */
export function cutEdges(text: string, values: string[]): string {
  if (!text.includes(' left out …]')) return text
  let result = ''
  let at = 0
  for (const match of text.matchAll(CUT)) {
    const before = text.slice(at, match.index)
    const from = match.index + match[0].length
    result += withoutEnd(before, values) + match[0]
    at = from + startOf(text.slice(from, from + 20_000), values)
  }
  return result + text.slice(at)
}

function withoutEnd(text: string, values: string[]): string {
  const space = /[\n ]?$/.exec(text.slice(-1))![0]
  const end = text.length - space.length
  const tail = text.slice(Math.max(0, end - MAX_TOKEN - 1), end)
  const token = /\S*$/.exec(tail)![0]
  let drop = token.length <= MAX_TOKEN && looksSecret(token) ? token.length : 0
  for (const value of values) {
    for (let length = Math.min(value.length - 1, end); length > drop && length >= MIN_PART; length--) {
      if (text.endsWith(value.slice(0, length), end)) drop = length
    }
  }
  return text.slice(0, end - drop) + space
}

/** How many characters of the start go. */
function startOf(text: string, values: string[]): number {
  const space = /^\n?/.exec(text)![0].length
  const token = /^\S*/.exec(text.slice(space, space + MAX_TOKEN + 1))![0]
  let drop = token.length <= MAX_TOKEN && looksSecret(token) ? token.length : 0
  for (const value of values) {
    for (let length = value.length - 1; length > drop && length >= MIN_PART; length--) {
      if (text.startsWith(value.slice(value.length - length), space)) drop = length
    }
  }
  return drop === 0 ? 0 : space + drop
}

const looksSecret = (token: string) => token.length >= 8 && /[A-Za-z]/.test(token) && /[0-9]/.test(token)
