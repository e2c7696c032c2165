// Reading a shell command without running it: which words it has, and whether options may be added at its end.

/**
 * The words of a command that is one plain call; null when it has anything that makes text at its end belong to
 * something else: pipes, lists, redirections, comments, substitutions, here-documents, unbalanced quotes.
 */
export function plainWords(command: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let i = 0; i < command.length; i++) {
    const c = command[i]!
    if (quote === "'") {
      if (c === "'") quote = null
      else word += c
    } else if (c === '`' || (c === '$' && command[i + 1] === '(')) {
      return null
    } else if (quote === '"') {
      if (c === '"') quote = null
      else if (c === '\\' && '"\\$`'.includes(command[i + 1] ?? ' ')) word += command[++i]!
      else word += c
    } else if (c === "'" || c === '"') {
      quote = c
      word ??= ''
    } else if (c === '\\') {
      if (i + 1 >= command.length || command[i + 1] === '\n') return null
      word = (word ?? '') + command[++i]!
    } else if (/[|&;<>()\n\r]/.test(c) || (c === '#' && word === null)) {
      return null
    } else if (c === ' ' || c === '\t') {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + c
    }
  }
  if (quote !== null) return null
  if (word !== null) words.push(word)
  return words.length > 0 ? words : null
}

/** The plain calls of a command, as far as it can be cut at `&&`, `||`, `;`, `|` and newlines outside quotes. */
export function callsIn(command: string): string[][] {
  const parts: string[] = []
  let part = ''
  let quote: string | null = null
  let isRedirected = false
  for (let i = 0; i < command.length; i++) {
    const c = command[i]!
    if (c === '\\' && quote !== "'") {
      part += c + (command[++i] ?? '')
    } else if (quote) {
      if (c === quote) quote = null
      part += c
    } else if (c === '"' || c === "'") {
      quote = c
      part += c
    } else if (c === '#' && /(^|\s)$/.test(part)) {
      while (i + 1 < command.length && command[i + 1] !== '\n') i++
    } else if (c === '>' || c === '<' || (c === '&' && /[<>]/.test(command[i - 1] ?? ''))) {
      // Where the output goes, up to the end of the call, is no part of its words.
      if (!isRedirected) part = part.replace(/(^|\s)\d$/, '$1')
      isRedirected = true
    } else if (/[|&;\n\r()]/.test(c)) {
      parts.push(part)
      part = ''
      isRedirected = false
    } else if (!isRedirected) part += c
  }
  parts.push(part)
  return parts.flatMap(text => plainWordsList(text.trim()))
}

const plainWordsList = (text: string): string[][] => {
  const words = plainWords(text)
  return words ? [words] : []
}

/** The words without leading `NAME=value` and without launchers that run what follows them (`npx`, `uv run`, …). */
export function withoutLaunchers(words: string[]): string[] {
  let rest = words
  for (;;) {
    const [first = '', second = ''] = rest
    if (/^[A-Za-z_]\w*=/.test(first)) rest = rest.slice(1)
    else if (ALONE.has(first)) rest = rest.slice(1)
    else if (WITH_RUN.has(first) && second === 'run') rest = rest.slice(2)
    else if (PACKAGE_MANAGERS.has(first) && (second === 'exec' || second === 'dlx')) rest = rest.slice(2)
    else if (PACKAGE_MANAGERS.has(first) && ['vitest', 'jest', 'mocha'].includes(second)) rest = rest.slice(1)
    else if (rest !== words && /^--?[a-z-]+$/.test(first) && rest.length > 1) rest = rest.slice(1)
    else return rest
  }
}
const ALONE = new Set(['npx', 'bunx', 'cross-env', 'env', 'time', 'nice', 'exec', 'command', 'dotenv', '--'])
const WITH_RUN = new Set(['uv', 'poetry', 'pipenv', 'pdm', 'hatch', 'rye'])
const PACKAGE_MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun'])

/** The last part of a path: `.venv/bin/pytest` → `pytest`. */
export const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** One word for the shell, whatever is in it. */
export const quote = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The text without colours and other terminal control. */
export const withoutAnsi = (text: string) =>
  text.replace(/\u001b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g, '')
