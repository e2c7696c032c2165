// Secrets that can be told by their looks, whoever they belong to. What stands in examples and tests (AKIA…EXAMPLE,
// postgres://user:password@) is nobody's secret and stays.
import { needleFinder, type Span } from './find-needles.ts'

interface Pattern {
  /** One of them begins every match: found much faster than the expression, which is tried only there. */
  starts: string[]
  /** Sticky. */
  expression: RegExp
  /** Whether it is more than an example or an ordinary word. */
  counts(match: string): boolean
}

const LINE = String.raw`(?:[ \t]*(?:\r?\n|\\r\\n|\\n|%0[Aa])[ \t>|+]*(?:\d+\t)?)`
const KEY_NAME = String.raw`(?: |\+|%20)[A-Z0-9 +%]{0,40}PRIVATE(?: |\+|%20)KEY(?:(?: |\+|%20)BLOCK)?-----`
/** Lines of a key's body, headers such as Proc-Type included. */
const KEY_BODY = String.raw`(?:${LINE}+(?:[A-Za-z0-9+/=%]{16,}|[A-Za-z0-9+/=%]{1,76}(?=${LINE}|$)|[A-Za-z-]+: [^\n\\]{1,80}))`
const MAX_KEY = 20_000

const PATTERNS: Pattern[] = [
  {
    starts: ['-----BEGIN'],
    // Its end may have been cut off.
    expression: new RegExp(
      `-----BEGIN${KEY_NAME}(?:[\\s\\S]{16,${MAX_KEY}}?-----END${KEY_NAME}|${KEY_BODY}+)`,
      'y',
    ),
    counts: hasKeyBody,
  },
  { starts: ['sk-'], expression: /sk-[A-Za-z0-9_-]{16,}/y, counts: isModelKey },
  {
    starts: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'],
    expression: /\w{8}[A-Za-z0-9]{16,}/y,
    counts: isVaried,
  },
  {
    starts: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    expression: /\w{4}[A-Za-z0-9]{20,}/y,
    counts: isVaried,
  },
  { starts: ['github_pat_'], expression: /github_pat_\w{20,}/y, counts: isVaried },
  {
    starts: ['AKIA', 'ASIA'],
    expression: /\w{4}[A-Z0-9]{16}(?![A-Za-z0-9])/y,
    counts: match => !match.endsWith('EXAMPLE') && isVaried(match),
  },
  {
    starts: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'],
    expression: /\w{4}-[A-Za-z0-9-]{10,}/y,
    counts: isVaried,
  },
  { starts: ['glpat-'], expression: /glpat-[A-Za-z0-9_-]{16,}/y, counts: isVaried },
  { starts: ['npm_'], expression: /npm_[A-Za-z0-9]{30,}/y, counts: isVaried },
  { starts: ['hf_'], expression: /hf_[A-Za-z0-9]{30,}/y, counts: isVaried },
  { starts: ['AIza'], expression: /AIza[A-Za-z0-9_-]{35}/y, counts: isVaried },
  {
    starts: ['eyJ'],
    expression: /eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/y,
    counts: () => true,
  },
]

/** Of an address only the password goes. */
const ADDRESS_STARTS = ['://', '%3A%2F%2F', '%3a%2f%2f', ':\\/\\/']
const ADDRESS =
  /(?::\/\/|%3A%2F%2F|:\\\/\\\/)[^\s/:@'"`<>(){}]{0,100}?(?::|%3A)([^\s/@'"`<>]{3,200}?)(?:@|%40)(?=[\w[])/iy

const KEY_END = new RegExp(`-----END${KEY_NAME}`, 'y')
const BODY_BEFORE_END = new RegExp(`(?:[A-Za-z0-9+/=]{16,}${LINE}+)+$`)

export function patternFinder(): (text: string) => Span[] {
  const ofStart = new Map(PATTERNS.flatMap(pattern => pattern.starts.map(start => [start, pattern] as const)))
  const findStarts = needleFinder([...ofStart.keys(), ...ADDRESS_STARTS, '-----END'])
  return text =>
    findStarts(text).flatMap(({ from, to }) => {
      const start = text.slice(from, to)
      const pattern = ofStart.get(start)
      const span = pattern
        ? secretAt(text, from, pattern)
        : start === '-----END'
          ? keyEndingAt(text, from)
          : passwordAt(text, from)
      return span ? [span] : []
    })
}

function secretAt(text: string, from: number, { expression, counts }: Pattern): Span | null {
  const match = matchAt(text, from, expression)
  if (!match || isWordEnd(text, from - 1) || !counts(match[0])) return null
  return { from, to: from + match[0].length }
}

function passwordAt(text: string, at: number): Span | null {
  const match = matchAt(text, at, ADDRESS)
  const password = match?.[1]
  if (!match || !password || !isPassword(password)) return null
  const from = at + match[0].lastIndexOf(password)
  return { from, to: from + password.length }
}

/** Of which the beginning was cut off. */
function keyEndingAt(text: string, at: number): Span | null {
  const end = matchAt(text, at, KEY_END)
  const from = Math.max(0, at - MAX_KEY)
  const body = end && BODY_BEFORE_END.exec(text.slice(from, at))
  return body ? { from: from + body.index, to: at + end[0].length } : null
}

function matchAt(text: string, at: number, expression: RegExp): RegExpExecArray | null {
  expression.lastIndex = at
  return expression.exec(text)
}

/** Letters and digits before a match make it a part of something else; an escape such as \n does not. */
function isWordEnd(text: string, at: number): boolean {
  return /[A-Za-z0-9]/.test(text.charAt(at)) && text.charAt(at - 1) !== '\\'
}

/** `sk-` also begins names of CSS classes; a key has a long part of letters and digits. */
function isModelKey(match: string): boolean {
  if (!isVaried(match)) return false
  return /^sk-(?:ant|proj|or|svcacct|admin|lf)-/.test(match) || /[A-Za-z0-9]{16,}/.test(match.slice(3))
}

/** Not `ghp_xxxxxxxxxxxx` of a manual: a few different characters, a digit among them. */
function isVaried(match: string): boolean {
  const tail = match.slice(4)
  return /\d/.test(tail) && new Set(tail.toLowerCase()).size >= 6 && !/(.)\1{7}/.test(tail)
}

function hasKeyBody(match: string): boolean {
  return (
    match.replace(/-----(?:BEGIN|END)[^-]*-----/g, '').replace(/[^A-Za-z0-9+/=]/g, '').length >= 16 &&
    /\n|\\n|%0A/i.test(match)
  )
}

const EXAMPLE_PASSWORD =
  /^(?:user(?:name)?|pass(?:word|wd)?|pw|pwd|secret|example|test(?:ing)?|admin|root|guest|postgres|mysql|mariadb|mongo(?:db)?|redis|rabbitmq|retrai|changeme|change_me|hunter2|token|key|db|foo|bar|baz|x+|\*+|\.+|…+|-+|\d{1,5})$/i

function isPassword(text: string): boolean {
  // ${PASSWORD}, $PASSWORD, {password}, %s, <password>, [password]: filled in later.
  if (/[${}<>|\\,]|^%[sdv(]|^\[|^:|\[redacted/.test(text)) return false
  return text.length >= 5 && !EXAMPLE_PASSWORD.test(text)
}
