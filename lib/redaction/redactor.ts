// What is known or looks to be a secret is replaced by a mark, before anything is stored, logged, shown or sent to a model.
import { createHmac, randomBytes } from 'node:crypto'
import { cutEdges } from './cut-edges.ts'
import { findEncoded } from './encoded-runs.ts'
import { needleFinder, type Span } from './find-needles.ts'
import { formsOf } from './forms.ts'
import { patternFinder } from './patterns.ts'
import { heldBack } from './stream-edge.ts'

export interface RedactedStream {
  next(piece: string): string
  /** What still waits, when nothing follows. */
  rest(): string
}

export interface Redactor {
  text(text: string): string
  /** Replaces in all strings, names included, of something made of JSON. */
  value<T>(value: T): T
  /** For a text that comes in pieces: a piece ends where no secret can go on; the rest comes with the next one. */
  stream(): RedactedStream
  /** From now on these are secrets too; a file tool may put them back where a model names their marks. */
  learn(values: string[]): void
  /** A text with the marks of what a project itself holds replaced by what they stand for. */
  restore(text: string): string
}

/** Digits tell the secrets of a run apart, and say nothing about them: they are keyed with what only this process knows. */
export const MARK = /\[redacted:[0-9a-f]{8}\]/

const MAX_LEARNED = 2000
const MAX_MARKS = 5000

export function createRedactor(own: string[]): Redactor {
  const key = randomBytes(32)
  const learned = new Set<string>()
  /** What marks stand for, but never a secret of the server. */
  const meanings = new Map<string, string>()
  const ownForms = new Set(own.flatMap(formsOf))
  let find = needleFinder([...ownForms])
  let edges = own
  const findPatterns = patternFinder()

  function markOf(secret: string): string {
    const mark = `[redacted:${createHmac('sha256', key).update(secret).digest('hex').slice(0, 8)}]`
    const isOwn = own.some(value => secret.includes(value)) || ownForms.has(secret)
    if (!isOwn && (meanings.has(mark) || meanings.size < MAX_MARKS)) meanings.set(mark, secret)
    return mark
  }

  const holdsSecret = (text: string) => find(text).length > 0 || findPatterns(text).length > 0

  function text(given: string): string {
    if (given.length < 6) return given
    const cut = cutEdges(given, edges)
    const spans = merged([...find(cut), ...findPatterns(cut), ...findEncoded(cut, holdsSecret)])
    if (spans.length === 0) return cut
    let result = ''
    let at = 0
    for (const { from, to } of spans) {
      result += cut.slice(at, from) + markOf(cut.slice(from, to))
      at = to
    }
    return result + cut.slice(at)
  }

  function clean(value: unknown): unknown {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    const result = Object.fromEntries(Object.entries(value).map(([name, item]) => [text(name), clean(item)]))
    return isThought(value) && result.thinking !== value.thinking ? { type: 'text', text: UNSAID } : result
  }

  return {
    text,
    value: <T>(value: T) => clean(value) as T, // the same shape, other strings
    stream() {
      let held = ''
      return {
        next(piece) {
          const all = held + piece
          const end = all.length - heldBack(all, edges)
          held = all.slice(end)
          return text(all.slice(0, end))
        },
        rest() {
          const last = text(held)
          held = ''
          return last
        },
      }
    },
    learn(values) {
      const before = learned.size
      for (const value of values) if (learned.size < MAX_LEARNED) learned.add(value)
      if (learned.size === before) return
      edges = [...own, ...learned]
      find = needleFinder([...new Set(edges.flatMap(formsOf))])
    },
    restore: given => given.replace(new RegExp(MARK, 'g'), mark => meanings.get(mark) ?? mark),
  }
}

const UNSAID = '[a thought was left out: it contained a secret]'

/** A thought is signed by its model: a changed one would be refused. */
const isThought = (value: object): value is { type: 'thinking'; thinking: string } =>
  'type' in value && value.type === 'thinking' && 'thinking' in value

function merged(spans: Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = result.at(-1)
    if (last && span.from < last.to) last.to = Math.max(last.to, span.to)
    else result.push({ ...span })
  }
  return result
}
