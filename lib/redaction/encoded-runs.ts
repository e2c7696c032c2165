// Base64 and hex hide what a pattern would tell, and tools wrap them into lines. Longer runs are decoded and looked into; a run
// in which a secret is found goes as a whole.
import type { Span } from './find-needles.ts'

/** The shortest secret with a pattern has twenty bytes. */
const MIN_RUN = 27
/** What `base64` and `xxd -p` print: full lines, and a last one. With line numbers where file_read shows it. */
const FULL_LINE = 56
const NEXT_LINE =
  /={0,2}[ \t]*(?:\r?\n|\\n)[ \t]*(?:\d+\t)?([A-Za-z0-9+/_-]+)(?=={0,2}[ \t]*(?:[\r\n\\"]|$))/y

export function findEncoded(text: string, holdsSecret: (decoded: string) => boolean): Span[] {
  const spans: Span[] = []
  const isFound = (run: string) => decodings(run).some(holdsSecret)
  for (const { from, to } of runsIn(text)) {
    if ((spans.at(-1)?.to ?? 0) > from) continue // a line of the ones before
    const lines = linesFrom(text, from, to)
    if (lines.to > to && isFound(lines.run)) spans.push({ from, to: lines.to })
    else if (isFound(text.slice(from, to))) spans.push({ from, to })
  }
  return spans
}

/** A single pass: an expression would look at each word once for each of its letters. */
function* runsIn(text: string): Generator<Span> {
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0
    if (code < 128 && IN_RUN[code] === 1) continue
    if (at - from >= MIN_RUN) yield { from, to: at }
    from = at + 1
  }
}

const IN_RUN = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(code)) ? 1 : 0,
)

function linesFrom(text: string, from: number, to: number): { run: string; to: number } {
  const parts = [text.slice(from, to)]
  let end = to
  while (parts.at(-1)!.length >= FULL_LINE) {
    NEXT_LINE.lastIndex = end
    const next = NEXT_LINE.exec(text)
    if (!next) break
    parts.push(next[1]!)
    end += next[0].length
  }
  return { run: parts.join(''), to: end }
}

function decodings(run: string): string[] {
  // Paths and names in words are most of what looks like base64.
  const hex = /[0-9a-f]{40,}/i.exec(run)?.[0]
  if (hex === undefined && !looksEncoded(run)) return []
  const decoded = [0, 1, 2, 3].map(from => Buffer.from(run.slice(from), 'base64').toString('utf8'))
  if (hex !== undefined)
    decoded.push(...[0, 1].map(from => Buffer.from(hex.slice(from), 'hex').toString('utf8')))
  return decoded
}

/** Base64 of text mixes capitals, small letters and digits. */
const looksEncoded = (run: string) => /[A-Z]/.test(run) && /[a-z]/.test(run) && /[0-9]/.test(run)
