// Long output keeps its head and its tail; a line in the middle says how much is missing.

/** The first and last bytes of an output, and how many there were. `tail` is what follows `head` when nothing is missing. */
export interface KeptOutput {
  head: Uint8Array
  tail: Uint8Array
  bytes: number
}

export interface CutText {
  text: string
  /** True size in bytes. */
  bytes: number
  truncated: boolean
}

export interface CutLimits {
  headBytes: number
  tailBytes: number
}

/** Cuts a text, or the pieces it came in. A character is never cut in two. */
export function cutOutput(output: string | Uint8Array[], { headBytes, tailBytes }: CutLimits): CutText {
  const all = typeof output === 'string' ? Buffer.from(output) : Buffer.concat(output)
  if (all.length <= headBytes + tailBytes) return { text: decode(all), bytes: all.length, truncated: false }
  return joinKept({
    head: all.subarray(0, headBytes),
    tail: all.subarray(all.length - tailBytes),
    bytes: all.length,
  })
}

/** The text of what was kept while an output went by. */
export function joinKept({ head, tail, bytes }: KeptOutput): CutText {
  if (head.length + tail.length >= bytes) {
    return { text: decode(Buffer.concat([head, tail])), bytes, truncated: false }
  }
  const start = head.subarray(0, wholeCharactersEnd(head))
  const end = tail.subarray(wholeCharactersStart(tail))
  const missing = bytes - start.length - end.length
  return { text: `${decode(start)}${leftOut(missing, 'bytes')}${decode(end)}`, bytes, truncated: true }
}

/** For the model: at most about `maxChars`, at line ends where that costs little, more of the end than of the start. */
export function cutForModel(text: string, maxChars = 30_000): { text: string; truncated: boolean } {
  if (text.length <= maxChars) return { text, truncated: false }
  const headChars = Math.floor(maxChars * 0.4)
  const tailChars = maxChars - headChars
  const headEnd = lineEndBefore(text, headChars)
  const tailStart = lineStartAfter(text, text.length - tailChars)
  const missing = text.slice(headEnd, tailStart)
  const lines = missing.split('\n').length - 1
  const what = lines > 1 ? `characters (${count(lines)} lines)` : 'characters'
  return {
    text: `${text.slice(0, headEnd)}${leftOut(missing.length, what)}${text.slice(tailStart)}`,
    truncated: true,
  }
}

function leftOut(amount: number, what: string): string {
  return `\n[… ${count(amount)} ${what} left out …]\n`
}

function count(amount: number): string {
  return amount.toLocaleString('en-US')
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** Where the last complete UTF-8 character ends. */
function wholeCharactersEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needed > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Where the first complete UTF-8 character starts. */
function wholeCharactersStart(bytes: Uint8Array): number {
  let start = 0
  while (start < Math.min(3, bytes.length) && (bytes[start]! & 0xc0) === 0x80) start++
  return start
}

const LINE_SLACK = 1000

function lineEndBefore(text: string, at: number): number {
  const newline = text.lastIndexOf('\n', at)
  if (newline >= at - LINE_SLACK && newline > 0) return newline
  return isLowSurrogate(text, at) ? at - 1 : at
}

function lineStartAfter(text: string, at: number): number {
  const newline = text.indexOf('\n', at)
  if (newline !== -1 && newline <= at + LINE_SLACK) return newline + 1
  return isLowSurrogate(text, at) ? at + 1 : at
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff
}
