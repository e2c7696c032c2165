// Tests inside Rust files that are the work too: `#[cfg(test)] mod tests { … }` and functions with `#[test]`.

interface Item {
  /** `mod tests`, `fn adds`: what it is found by again. */
  name: string
  start: number
  end: number
}

/** The current text with the test items of the base; null where the base has none. */
export function rustTestsPutBack(path: string, base: string, current: string): string | null {
  if (!path.endsWith('.rs')) return null
  const before = testItems(base)
  if (before.length === 0) return null
  const now = testItems(current)
  let text = current
  // From the end, so that the places before stay right. Tests of other names are the agent's own and stay.
  const replaced = new Set<Item>()
  for (const item of now.toReversed()) {
    const original = before.find(one => one.name === item.name && !replaced.has(one))
    if (!original) continue
    replaced.add(original)
    text = text.slice(0, item.start) + base.slice(original.start, original.end) + text.slice(item.end)
  }
  const missing = before.filter(one => !replaced.has(one))
  // One of that name that is no test any more would stand in the way of the one put back.
  for (const { name } of missing) text = withoutItem(text, name)
  const end = missing.map(one => base.slice(one.start, one.end)).join('\n\n')
  return end === '' ? text : `${text.trimEnd()}\n\n${end}\n`
}

const IS_TEST =
  /^#\s*\[\s*(?:cfg\s*\(\s*(?:all\s*\(\s*)?test\b|(?:[\w:]+::)?test\b|test_case\b|rstest\b|ignore\b|should_panic\b|quickcheck\b|bench\b)/

/** Test items that are not inside of another one, in order. */
export function testItems(text: string): Item[] {
  const items: Item[] = []
  const code = masked(text)
  for (let at = 0; at < code.length; ) {
    const start = code.indexOf('#', at)
    if (start === -1) break
    if (!/^#\s*\[/.test(code.slice(start, start + 20))) {
      at = start + 1
      continue
    }
    let next = start
    let isTest = false
    for (let rest = code.slice(next); /^#\s*\[/.test(rest); rest = code.slice(next)) {
      // The text itself: what is quoted in an attribute is masked.
      isTest ||= IS_TEST.test(text.slice(next, next + 200)) && !/^#\s*\[\s*(ignore|should_panic)/.test(rest)
      next = closingOf(code, code.indexOf('[', next)) + 1
      next += /^\s*/.exec(code.slice(next))![0].length
    }
    const head =
      /^(?:pub\s*(?:\([^)]*\)\s*)?)?(?:async\s+|unsafe\s+|const\s+)*(mod|fn|use|impl|struct|enum|macro_rules!)\s*([\w]*)/.exec(
        code.slice(next),
      )
    if (!isTest || !head || !['mod', 'fn'].includes(head[1]!)) {
      at = Math.max(next, start + 1)
      continue
    }
    const end = itemEnd(code, next)
    items.push({ name: `${head[1]} ${head[2]}`, start, end })
    at = end
  }
  return items
}

function withoutItem(text: string, name: string): string {
  const code = masked(text)
  const [kind = '', id = ''] = name.split(' ')
  const found = new RegExp(
    `(?:#\\s*\\[[^\\]]*\\]\\s*)*(?:pub\\s*(?:\\([^)]*\\)\\s*)?)?(?:async\\s+)?\\b${kind}\\s+${id}\\b`,
  ).exec(code)
  if (!found) return text
  return text.slice(0, found.index) + text.slice(itemEnd(code, found.index))
}

/** Behind the item's block, or behind its semicolon. */
function itemEnd(code: string, from: number): number {
  for (let i = from; i < code.length; i++) {
    if (code[i] === ';') return i + 1
    if (code[i] === '{') return closingOf(code, i) + 1
    if (code[i] === '(' || (code[i] === '[' && i > from)) i = closingOf(code, i)
  }
  return code.length
}

const PAIRS: Record<string, string> = { '{': '}', '[': ']', '(': ')' }

function closingOf(code: string, from: number): number {
  const open = code[from] ?? ''
  const close = PAIRS[open]
  let depth = 0
  for (let i = from; i < code.length; i++) {
    if (code[i] === open) depth++
    else if (code[i] === close && --depth === 0) return i
  }
  return code.length - 1
}

/** The text with comments, strings and characters blanked out, every place staying where it is. */
function masked(text: string): string {
  const out = [...Array(text.length).keys()].map(i => text[i]!)
  const blank = (from: number, to: number) => {
    for (let i = from; i < Math.min(to, text.length); i++) if (out[i] !== '\n') out[i] = ' '
  }
  for (let i = 0; i < text.length; ) {
    const end = skipped(text, i)
    if (end > i) {
      blank(i, end)
      i = end
    } else i++
  }
  return out.join('')
}

/** Where what begins here and is no code ends; the same place where code goes on. */
function skipped(text: string, i: number): number {
  const c = text[i]
  if (c === '/' && text[i + 1] === '/') {
    const end = text.indexOf('\n', i)
    return end === -1 ? text.length : end
  }
  if (c === '/' && text[i + 1] === '*') return blockCommentEnd(text, i)
  if ((c === 'r' || c === 'b' || c === 'c') && !/\w/.test(text[i - 1] ?? ' ')) {
    const raw = /^[bc]?r(#*)"/.exec(text.slice(i, i + 260))
    if (raw) {
      const end = text.indexOf(`"${raw[1]}`, i + raw[0].length)
      return end === -1 ? text.length : end + 1 + raw[1]!.length
    }
  }
  if (c === '"') {
    for (let j = i + 1; j < text.length; j++) {
      if (text[j] === '\\') j++
      else if (text[j] === '"') return j + 1
    }
    return text.length
  }
  // A lifetime has no closing quote.
  const char = c === "'" ? /^'(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'])'/su.exec(text.slice(i, i + 16)) : null
  return char ? i + char[0].length : i
}

function blockCommentEnd(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('/*', i)) {
      depth++
      i++
    } else if (text.startsWith('*/', i)) {
      i++
      if (--depth === 0) return i + 1
    }
  }
  return text.length
}
