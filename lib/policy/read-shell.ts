// Reads a shell command without running it: every call in it, with its words as the shell would pass them, as far as that can be
// known beforehand. Never throws; what cannot be read is left out or stands as UNKNOWN.
import { posix } from 'node:path'
import { expandBraces, unescapeAnsi } from './expand-word.ts'
import { programOf, type ShellCall, type ShellState, textsOf, UNKNOWN, type Word } from './shell-call.ts'

/** Deeper nesting is not read; a call with this word stands for it. */
export const TOO_DEEP = `${UNKNOWN}too deep`
const MAX_DEPTH = 12
const MAX_CALLS = 5000

const KEYWORDS = new Set('if then elif else while until do ! { } time coproc fi done esac'.split(' '))
const DECLARES = new Set(['export', 'declare', 'local', 'readonly', 'typeset'])
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/

// What was quoted takes no part in the expansion of braces.
const PROTECTED: [string, string][] = [
  ['{', '\ue000'],
  [',', '\ue001'],
  ['}', '\ue002'],
]
const protect = (text: string) => PROTECTED.reduce((done, [from, to]) => done.replaceAll(from, to), text)
const unprotect = (text: string) => PROTECTED.reduce((done, [to, from]) => done.replaceAll(from, to), text)

interface Here {
  call: ShellCall
  end: string
  isIndented: boolean
  isLiteral: boolean
}

export function readShell(text: string, state: ShellState, depth = 0): ShellCall[] {
  return depth > MAX_DEPTH ? [tooDeep(state)] : createReader(text, state, depth).list(null)
}

export const tooDeep = (state: ShellState): ShellCall => ({
  ...emptyCall(state),
  words: [{ text: TOO_DEEP, inner: [], isQuoted: true }],
})

const emptyCall = ({ dir }: ShellState): ShellCall => ({
  words: [],
  redirects: [],
  here: null,
  from: null,
  dir,
  inFunction: null,
  isBackground: false,
})

function createReader(text: string, state: ShellState, depth: number) {
  let i = 0
  let nesting = depth
  const heres: Here[] = []
  const functions: { name: string; braces: number }[] = []
  let braces = 0

  function list(stop: ')' | null): ShellCall[] {
    const calls: ShellCall[] = []
    let pending = emptyCall(state)
    let last: ShellCall | null = null

    function finish(isBackground = false) {
      const call = pending
      pending = emptyCall(state)
      call.words = withoutKeywords(call.words)
      if (call.words.length === 0 && call.redirects.length === 0) return
      call.dir = state.dir
      call.isBackground = isBackground
      call.inFunction = functions.at(-1)?.name ?? null
      calls.push(call)
      last = call
      remember(call, state)
      if (calls.length < MAX_CALLS) return
      calls.push(tooDeep(state))
      i = text.length
    }

    while (i < text.length) {
      const c = text[i]!
      const next = text[i + 1]
      if (c === ' ' || c === '\t' || c === '\r') i++
      else if (c === '\\' && next === '\n') i += 2
      else if (c === '\n') {
        finish()
        i++
        readHeres()
      } else if (c === '#') skipLine()
      else if (c === ';') {
        finish()
        i++
      } else if (c === '&' && next === '>') redirect(pending)
      else if (c === '&') {
        finish(next !== '&')
        i += next === '&' ? 2 : 1
      } else if (c === '|') {
        finish()
        i += next === '|' || next === '&' ? 2 : 1
        if (next !== '|') pending.from = last
      } else if (c === '(') group(pending, calls)
      else if (c === ')') {
        finish()
        i++
        if (stop === ')') return calls
      } else if ((c === '<' || c === '>') && next === '(') {
        i += 2
        pending.words.push({ text: UNKNOWN, inner: nested(), isQuoted: false })
      } else if (c === '<' || c === '>') redirect(pending)
      else {
        const words = word()
        const isDescriptor = /^\d+$/.test(words[0]?.text ?? '') && (text[i] === '<' || text[i] === '>')
        if (!isDescriptor) pending.words.push(...words)
      }
    }
    finish()
    return calls

    /** `( … )`, or the `()` of a function. */
    function group(before: ShellCall, into: ShellCall[]) {
      const empty = /\([ \t]*\)/y
      empty.lastIndex = i
      const [name] = before.words
      if (before.words.length === 1 && name && empty.test(text)) {
        i = empty.lastIndex
        functions.push({ name: name.text, braces })
        before.words = []
        return
      }
      i++
      if (before.words.length > 0) return
      const inner = nested()
      const [first] = inner
      if (first && !first.from) first.from = before.from
      into.push(...inner)
      last = inner.at(-1) ?? last
    }
  }

  /** What stands up to the closing bracket; what it does to the directory ends with it. */
  function nested(): ShellCall[] {
    if (nesting >= MAX_DEPTH) {
      i = text.length
      return [tooDeep(state)]
    }
    nesting++
    const { dir } = state
    const calls = list(')')
    state.dir = dir
    nesting--
    return calls
  }

  function withoutKeywords(words: Word[]): Word[] {
    let at = 0
    for (; at < words.length; at++) {
      const { text: first, isQuoted } = words[at]!
      if (isQuoted || !KEYWORDS.has(first)) break
      if (first === '{') braces++
      if (first === '}' && --braces <= (functions.at(-1)?.braces ?? Number.NEGATIVE_INFINITY)) functions.pop()
    }
    return words.slice(at)
  }

  function skipLine() {
    while (i < text.length && text[i] !== '\n') i++
  }

  function skipBlanks() {
    while (text[i] === ' ' || text[i] === '\t') i++
  }

  function redirect(call: ShellCall) {
    const operator = /&>>?|<<<|<<-?|<&|<>|<|>>|>&|>\||>/y
    operator.lastIndex = i
    const op = operator.exec(text)?.[0] ?? text[i]!
    i += op.length
    skipBlanks()
    const [target] = i < text.length && !/[\n;|&()<>]/.test(text[i]!) ? word() : []
    if (!target) return
    if (op === '<<' || op === '<<-') {
      heres.push({ call, end: target.text, isIndented: op === '<<-', isLiteral: target.isQuoted })
      return
    }
    if (op === '<<<') call.here = target.text
    call.redirects.push({ op, target })
  }

  /** The bodies of here-documents begin at the line after the one that names them. */
  function readHeres() {
    for (const { call, end, isIndented, isLiteral } of heres.splice(0)) {
      const lines: string[] = []
      while (i < text.length) {
        const to = text.indexOf('\n', i)
        const line = text.slice(i, to === -1 ? text.length : to)
        i = to === -1 ? text.length : to + 1
        const kept = isIndented ? line.replace(/^\t+/, '') : line
        if (kept === end) break
        lines.push(kept)
      }
      const body = lines.join('\n')
      const expanded = isLiteral ? { text: body, inner: [], isQuoted: true } : expandText(body)
      call.here = expanded.text
      call.redirects.push({ op: '<<', target: expanded })
    }
  }

  /** Text in which only `$` and backticks mean something. */
  function expandText(body: string): Word {
    if (nesting >= MAX_DEPTH) return { text: UNKNOWN, inner: [tooDeep(state)], isQuoted: true }
    return createReader(body, state, nesting + 1).asQuoted()
  }

  /** One word of the text, which may become several. */
  function word(): Word[] {
    const start = i
    const build = createBuild()
    while (i < text.length) {
      const c = text[i]!
      const next = text[i + 1]
      if (c === '(' && i > start && /[=?*+@!]/.test(text[i - 1]!)) {
        // An array, or a pattern.
        i++
        build.inner.push(...nested())
        build.add(UNKNOWN, true)
      } else if (/[ \t\r\n;&|<>()]/.test(c)) break
      else if (c === '\\') {
        if (next !== '\n') build.add(next ?? '', true)
        i += 2
      } else if (c === "'") {
        const end = text.indexOf("'", i + 1)
        build.add(text.slice(i + 1, end === -1 ? text.length : end), true)
        i = end === -1 ? text.length : end + 1
      } else if (c === '"') {
        i++
        quoted(build)
      } else if (c === '$') dollar(build, false)
      else if (c === '`') backtick(build, false)
      else if (c === '~' && (i === start || /[=:]/.test(text[i - 1]!))) {
        const name = /~([\w.-]*)(?=[/\s;&|<>():]|$)/y
        name.lastIndex = i
        const user = name.exec(text)?.[1]
        build.add(user === undefined ? '~' : homeOf(user), false)
        i = user === undefined ? i + 1 : name.lastIndex
      } else {
        build.add(c, false)
        i++
      }
    }
    return build.words()
  }

  const homeOf = (user: string) => (user === '' ? state.home : user === 'root' ? '/root' : `/home/${user}`)

  function asQuoted(): Word {
    const build = createBuild()
    quoted(build, false)
    return build.words()[0] ?? { text: '', inner: build.inner, isQuoted: true }
  }

  /** Up to the closing `"`, or to the end. */
  function quoted(build: Build, hasEnd = true) {
    build.quote()
    while (i < text.length) {
      const c = text[i]!
      const next = text[i + 1] ?? ''
      if (c === '"' && hasEnd) {
        i++
        return
      }
      if (c === '\\' && '$`"\\\n'.includes(next) && next !== '') {
        if (next !== '\n') build.add(next, true)
        i += 2
      } else if (c === '$') dollar(build, true)
      else if (c === '`') backtick(build, true)
      else {
        // All of it up to the next sign that means something.
        const plain = /[^"\\$`]+|["\\]/y
        plain.lastIndex = i
        const run = plain.exec(text)![0]
        build.add(run, true)
        i += run.length
      }
    }
  }

  function backtick(build: Build, isQuoted: boolean) {
    let end = i + 1
    while (end < text.length && text[end] !== '`') end += text[end] === '\\' ? 2 : 1
    const inner = readShell(text.slice(i + 1, end).replace(/\\([`\\$])/g, '$1'), { ...state }, nesting + 1)
    i = end + 1
    build.inner.push(...inner)
    build.value(outputOf(inner, state), isQuoted)
  }

  function dollar(build: Build, isQuoted: boolean) {
    const next = text[i + 1] ?? ''
    if (next === "'" && !isQuoted) {
      const literal = /'((?:[^'\\]|\\[\s\S])*)'?/y
      literal.lastIndex = i + 1
      build.add(unescapeAnsi(literal.exec(text)?.[1] ?? ''), true)
      i = literal.lastIndex || text.length
    } else if (next === '"' && !isQuoted) {
      i += 2
      quoted(build)
    } else if (next === '(' && text[i + 2] === '(' && arithmeticEnd() !== -1) {
      i = arithmeticEnd()
      build.add(UNKNOWN, true)
    } else if (next === '(') {
      i += 2
      const inner = nested()
      build.inner.push(...inner)
      build.value(outputOf(inner, state), isQuoted)
    } else if (next === '{') {
      const end = closingBrace(i + 2)
      const content = text.slice(i + 2, end)
      i = end + 1
      parameter(content, build, isQuoted)
    } else {
      const name = /[A-Za-z_]\w*/y
      name.lastIndex = i + 1
      const found = name.exec(text)?.[0]
      if (found) build.value(lookUp(found), isQuoted)
      else build.add(/[@*#?$!0-9-]/.test(next) ? UNKNOWN : '$', true)
      i += found ? found.length + 1 : /[@*#?$!0-9-]/.test(next) ? 2 : 1
    }
  }

  /** Behind the `))` of `$((…))`; -1 where there is none. */
  function arithmeticEnd(): number {
    let open = 0
    for (let at = i + 1; at < text.length; at++) {
      if (text[at] === '(') open++
      else if (text[at] === ')' && --open === 0) return text[at - 1] === ')' ? at + 1 : -1
      else if (/[;|&'"\n]/.test(text[at]!)) return -1
    }
    return -1
  }

  function closingBrace(from: number): number {
    let open = 1
    for (let at = from; at < text.length; at++) {
      if (text[at] === '\\') at++
      else if (text[at] === '{') open++
      else if (text[at] === '}' && --open === 0) return at
    }
    return text.length
  }

  /** `${…}` */
  function parameter(content: string, build: Build, isQuoted: boolean) {
    const [, name, rest = ''] = /^([A-Za-z_]\w*)([\s\S]*)$/.exec(content) ?? []
    const value = name === undefined ? UNKNOWN : lookUp(name)
    const [, op, other = ''] = /^:?([-=+?])([\s\S]*)$/.exec(rest) ?? []
    if (rest === '' || op === '?') return build.value(value, isQuoted)
    const given = expandText(op === undefined ? rest : other)
    build.inner.push(...given.inner)
    if (op === undefined) return build.add(UNKNOWN, true)
    const isKnown = !value.includes(UNKNOWN)
    build.value(op === '+' ? given.text : isKnown ? value : given.text, isQuoted)
  }

  function lookUp(name: string): string {
    const known = state.variables.get(name)
    if (known !== undefined) return known
    if (name === 'HOME') return state.home
    if (name === 'PWD') return state.dir ?? UNKNOWN
    return name === 'IFS' ? ' ' : UNKNOWN
  }

  return { list, asQuoted }
}

type Build = ReturnType<typeof createBuild>

function createBuild() {
  const pieces = ['']
  const inner: ShellCall[] = []
  let isQuoted = false
  let hasBraces = false
  return {
    inner,
    quote() {
      isQuoted = true
    },
    add(text: string, quoted: boolean) {
      if (quoted) isQuoted = true
      else if (text.includes('{')) hasBraces = true
      pieces.push(pieces.pop() + (quoted ? protect(text) : text))
    },
    /** Of a variable or a command: what is not quoted is cut at its blanks. */
    value(text: string, quoted: boolean) {
      const parts = quoted ? [text] : text.split(/[ \t\n]+/)
      parts.forEach((part, at) => {
        if (at > 0) pieces.push('')
        pieces.push(pieces.pop() + protect(part))
      })
      if (quoted) isQuoted = true
    },
    words(): Word[] {
      const texts = pieces.flatMap(piece => (hasBraces ? expandBraces(piece) : [piece])).map(unprotect)
      // What an empty variable was, is no word.
      const kept = isQuoted ? texts : texts.filter(text => text !== '')
      if (kept.length === 0) return inner.length > 0 ? [{ text: UNKNOWN, inner, isQuoted }] : []
      return kept.map((text, at) => ({ text, inner: at === 0 ? inner : [], isQuoted }))
    },
  }
}

/** What a call leaves to those after it: variables, the directory. */
function remember(call: ShellCall, state: ShellState) {
  const words = textsOf(call)
  const [first = '', ...rest] = words
  const assigned = words.every(word => ASSIGNMENT.test(word)) ? words : DECLARES.has(first) ? rest : []
  for (const word of assigned) {
    const name = ASSIGNMENT.exec(word)
    if (name) state.variables.set(name[1]!, word.slice(name[0].length))
  }
  if ((first === 'for' || first === 'select') && rest[1] === 'in')
    state.variables.set(rest[0]!, rest.slice(2).join(' '))
  if (first === 'cd' || first === 'pushd') state.dir = directoryAfter(rest, state)
}

function directoryAfter(args: string[], { dir, home }: ShellState): string | null {
  const [to = home] = args.filter(word => !/^-[A-Za-z-]+$/.test(word))
  if (to === '-' || to.includes(UNKNOWN)) return null
  if (posix.isAbsolute(to)) return posix.normalize(to)
  return dir === null ? null : posix.resolve(dir, to)
}

/** What a substitution gives, where that is plain to see. */
function outputOf(calls: ShellCall[], { dir }: ShellState): string {
  const [call] = calls
  if (calls.length !== 1 || !call) return UNKNOWN
  const args = textsOf(call).slice(1)
  switch (programOf(call)) {
    case 'echo':
      return args.filter((word, at) => at > 0 || !/^-[neE]+$/.test(word)).join(' ')
    case 'printf':
      return args.length === 1 ? args[0]! : args[0] === '%s' ? args.slice(1).join('') : UNKNOWN
    case 'which':
    case 'command':
    case 'type':
      return args.at(-1) ?? UNKNOWN
    case 'pwd':
      return dir ?? UNKNOWN
    default:
      return UNKNOWN
  }
}
