// Small parts of the shell's rules for words: braces, and what stands for a character in $'…'.

const MAX_WORDS = 64
/** Longer than anybody writes. */
const MAX_CHARS = 2000

/** `{a,b}c` → `ac`, `bc`. Only of text that was not quoted. */
export function expandBraces(text: string): string[] {
  if (text.length > MAX_CHARS) return [text]
  let done: string[] = []
  let open = [text]
  while (open.length > 0 && done.length + open.length <= MAX_WORDS) {
    const next: string[] = []
    for (const word of open) {
      const parts = partsOf(word)
      if (parts === null) done.push(word)
      else next.push(...parts)
    }
    open = next
  }
  done = [...done, ...open]
  return done.slice(0, MAX_WORDS)
}

/** The first pair of braces with a comma in it, each choice put in; null without one. */
function partsOf(word: string): string[] | null {
  for (let from = word.indexOf('{'); from !== -1; from = word.indexOf('{', from + 1)) {
    let depth = 0
    const commas: number[] = []
    for (let at = from; at < word.length; at++) {
      if (word[at] === '{') depth++
      else if (word[at] === ',' && depth === 1) commas.push(at)
      else if (word[at] === '}' && --depth === 0) {
        if (commas.length === 0) break
        const edges = [from, ...commas, at]
        const choices = edges.slice(1).map((to, i) => word.slice(edges[i]! + 1, to))
        return choices.map(choice => word.slice(0, from) + choice + word.slice(at + 1))
      }
    }
  }
  return null
}

const NAMED: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  f: '\f',
  v: '\v',
}

/** What $'…' means. */
export const unescapeAnsi = (text: string): string =>
  text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([\s\S]))/g,
    (_, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
      const hex = x ?? u ?? long
      if (hex !== undefined) return characterOf(Number.parseInt(hex, 16))
      if (octal !== undefined) return characterOf(Number.parseInt(octal, 8) & 0xff)
      return NAMED[other ?? ''] ?? other ?? ''
    },
  )

const characterOf = (code: number) => (code <= 0x10ffff ? String.fromCodePoint(code) : '')
