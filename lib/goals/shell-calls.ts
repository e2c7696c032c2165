// The calls in a shell script as far as they can be seen without running it, and whether what they print is looked at.
import { plainWords } from './command-line.ts'

export interface ShellCall {
  words: string[]
  /** Its output goes into a pipe, a variable, a test or a file: then something else may judge it. */
  isCaptured: boolean
}

const MAX_DEPTH = 4

export function shellCalls(text: string, isCaptured = false, depth = 0): ShellCall[] {
  if (depth > MAX_DEPTH) return []
  const calls: ShellCall[] = []
  let part = ''
  let quote: string | null = null
  let isToFile = false
  const end = (captured: boolean) => {
    const words = plainWords(part.trim())
    const kept = words && withoutKeywords(words)
    if (kept && kept.length > 0) calls.push({ words: kept, isCaptured: isCaptured || captured || isToFile })
    part = ''
    isToFile = false
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    const next = text[i + 1]
    if (c === '\\' && quote !== "'") {
      if (next !== '\n') part += c + (next ?? '')
      i++
    } else if (quote !== "'" && ((c === '$' && next === '(') || c === '`')) {
      const inner = c === '`' ? upTo(text, i + 1, '`') : closing(text, i + 2)
      calls.push(...shellCalls(inner.text, true, depth + 1))
      part += '_'
      i = inner.end
    } else if (quote) {
      if (c === quote) quote = null
      part += c
    } else if (c === '"' || c === "'") {
      quote = c
      part += c
    } else if (c === '#' && /(^|\s)$/.test(part)) {
      while (i + 1 < text.length && text[i + 1] !== '\n') i++
    } else if ((c === '<' || c === '>') && next === '(') {
      const inner = closing(text, i + 2)
      calls.push(...shellCalls(inner.text, true, depth + 1))
      part += ' _ '
      i = inner.end
    } else if (c === '>' || c === '<') {
      part = part.replace(/(^|\s)[\d&]$/, '$1')
      // `2>&1` joins the streams; anything else but the bin is a file that somebody will read.
      const target = /^[<>&|]*\s*(\S*)/.exec(text.slice(i))
      if (c === '>' && target?.[1] !== '/dev/null' && !/^>&\d/.test(text.slice(i))) isToFile = true
      if (/^>?>&\d/.test(text.slice(i))) i += text[i + 1] === '>' ? 3 : 2
      // What is read is a word like any other, where it is not the text itself.
      else if (text.startsWith('<<', i)) i = skipHere(text, i)
      else {
        while (text[i + 1] === c || text[i + 1] === '|') i++
        part += ' '
      }
    } else if (c === '|' && next !== '|') end(true)
    else if (/[|&;\n\r()]/.test(c)) end(false)
    else part += c
  }
  end(false)
  return calls
}

/** `if`, `!`, `timeout 5`: what stands before the call proper. */
function withoutKeywords(words: string[]): string[] {
  let rest = words
  for (;;) {
    const [first = '', second = ''] = rest
    if (KEYWORDS.has(first) && rest.length > 1) rest = rest.slice(1)
    else if (first === 'timeout' || first === 'nice' || first === 'xargs') {
      const from = rest.findIndex((word, i) => i > 0 && !/^(-|\d)/.test(word))
      if (from === -1) return rest
      rest = rest.slice(from)
    } else if (/^[A-Za-z_]\w*=/.test(first)) rest = rest.slice(1)
    else if (first === 'env' && second !== '') rest = rest.slice(second.startsWith('-') ? 2 : 1)
    else return rest
  }
}
const KEYWORDS = new Set(
  'if then else elif while until do ! { } time exec command nohup sudo setsid eval builtin stdbuf'.split(' '),
)

function closing(text: string, from: number): { text: string; end: number } {
  let depth = 1
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return { text: text.slice(from, i), end: i }
  }
  return { text: text.slice(from), end: text.length }
}

function upTo(text: string, from: number, mark: string): { text: string; end: number } {
  const at = text.indexOf(mark, from)
  return at === -1 ? { text: '', end: text.length } : { text: text.slice(from, at), end: at }
}

/** Past the heading of a here-document; its lines are left to be looked at, as they may be a script. */
function skipHere(text: string, from: number): number {
  const heading = /^<<-?\s*(['"]?)\w+\1|^<<<\s*/.exec(text.slice(from))
  return from + (heading?.[0].length ?? 2) - 1
}
