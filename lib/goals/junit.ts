// Reads JUnit reports, pytest's above all. A report can be megabytes of tracebacks of which only the names matter, so this walks over
// the tags in slices and lets the event loop breathe in between; of text only the little that is kept is copied, entities are never defined
// (a DOCTYPE is skipped unread), so a hostile report costs no more than its length.
import { setImmediate } from 'node:timers/promises'
import { type CheckTests, MESSAGE_CHARS, type TestCase, testsFrom } from './check-tests.ts'

export interface JunitCase {
  /** Of the testcase. */
  attributes: Record<string, string>
  /** The suites around it, outermost first. */
  suites: Record<string, string>[]
}
export type NameCase = (found: JunitCase) => Pick<TestCase, 'name' | 'file' | 'line'>

/** The tests of a report, named as pytest names them or as `nameCase` says; null when it is not a complete JUnit document. */
export async function parseJunit(xml: string, nameCase: NameCase = pytestCase): Promise<CheckTests | null> {
  // By name: pytest writes a test that fails and then fails again in its teardown twice.
  const cases = new Map<string, TestCase>()
  const suites: Record<string, string>[] = []
  let current: TestCase | null = null
  let closed = false
  let sliceEnd = SLICE
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    if (at > sliceEnd) {
      sliceEnd = at + SLICE
      await setImmediate()
    }
    const skipTo = SKIPPED.find(([open]) => xml.startsWith(open, at))
    if (skipTo) {
      const end = xml.indexOf(skipTo[1], at + skipTo[0].length)
      if (end === -1) return null
      at = end + skipTo[1].length
      continue
    }
    const end = endOfTag(xml, at)
    if (end === -1) return null
    const tag = /^<\/?([\w:.-]+)/.exec(xml.slice(at, at + 100))?.[1] ?? ''
    const isEnd = xml[at + 1] === '/'
    const isEmpty = xml[end - 1] === '/'
    if (tag === 'testcase') {
      if (isEnd) current = null
      else {
        const named = nameCase({ attributes: attributes(xml.slice(at, end)), suites })
        const known = cases.get(named.name)
        const found: TestCase = known ?? { ...named, state: 'passed' }
        cases.set(named.name, found)
        current = isEmpty ? null : found
      }
    } else if (current && !isEnd && (tag === 'failure' || tag === 'error')) {
      const isFirst = current.state !== 'failed'
      current.state = 'failed'
      const message = messageAt(xml, at, end)
      if (isFirst && message) current.message = message
      if (tag === 'error' && xml.startsWith('<error message="collection ', at)) {
        cases.delete(current.name)
        current.name = collectionName(current.name)
        cases.set(current.name, current)
      }
    } else if (current && !isEnd && tag === 'skipped' && current.state === 'passed') {
      current.state = 'skipped'
      const message = messageAt(xml, at, end)
      if (message) current.message = message
    } else if (isEnd ? tag === 'testsuites' || tag === 'testsuite' : tag === 'testsuite' && isEmpty) {
      closed = true
      if (tag === 'testsuite' && isEnd) suites.pop()
    } else if (tag === 'testsuite') {
      suites.push(attributes(xml.slice(at, end)))
    }
    at = end + 1
  }
  if (!closed) return null
  return testsFrom([...cases.values()])
}

const SLICE = 256 * 1024
const SKIPPED: [string, string][] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
]

const TEXT_LINES = 12

/** What a failure, error or skip says: its message, and the first lines of its text where they say more. */
function messageAt(xml: string, at: number, end: number): string {
  // Only as much as is kept is copied, however long it is.
  const tag = attributes(xml.slice(at, Math.min(end, at + 4 * MESSAGE_CHARS)))
  const message = (tag.message ?? '').trim()
  const text = xml[end - 1] === '/' ? '' : textAfter(xml, end + 1)
  const isSaidAgain = message !== '' && text.slice(0, message.length + 200).includes(message)
  return [isSaidAgain ? '' : message, text]
    .filter(part => part !== '')
    .join('\n')
    .slice(0, MESSAGE_CHARS)
}

function textAfter(xml: string, from: number): string {
  const window = xml.slice(from, from + 2 * MESSAGE_CHARS)
  const data = /^\s*<!\[CDATA\[/.exec(window)
  const raw = data ? window.slice(data[0].length).split(']]>')[0]! : decode(window.split('<')[0]!)
  return raw.trim().split('\n').slice(0, TEXT_LINES).join('\n')
}

/** Where the tag ends: a `>` in a quoted attribute does not count. */
function endOfTag(xml: string, start: number): number {
  let at = start
  for (;;) {
    const end = xml.indexOf('>', at)
    if (end === -1) return -1
    const open = openQuote(xml, at, end)
    if (open === null) return end
    const close = xml.indexOf(open.quote, end)
    if (close === -1) return -1
    at = close + 1
  }
}

function openQuote(xml: string, from: number, to: number): { quote: string } | null {
  let quote: string | null = null
  for (let i = from; i < to; i++) {
    const c = xml[i]
    if (quote === null) {
      if (c === '"' || c === "'") quote = c
    } else if (c === quote) quote = null
  }
  return quote === null ? null : { quote }
}

function attributes(tag: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name, double, single] of tag.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    found[name!] = decode(double ?? single ?? '')
  return found
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,5}));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** pytest counts lines from 0, and names the file of a test that is defined elsewhere by its own. */
const pytestCase: NameCase = ({ attributes: found }) => {
  const line = Number.parseInt(found.line ?? '', 10)
  return {
    name: caseName(found),
    ...(found.file && { file: found.file.replaceAll('\\', '/') }),
    ...(found.file && Number.isSafeInteger(line) && line >= 0 && { line: line + 1 }),
  }
}

/** File, suites and test with ` > ` between: bun, deno and others whose suites are nested or named by their file. */
export const suiteCase: NameCase = ({ attributes: found, suites }) => {
  const [outermost, ...inner] = suites
  const file = (found.file ?? outermost?.file ?? outermost?.name ?? '').replace(/^\.\//, '')
  const line = Number.parseInt(found.line ?? '', 10)
  return {
    name: [file, ...inner.map(({ name = '' }) => name), found.name ?? '']
      .filter(part => part !== '')
      .join(' > '),
    ...(file !== '' && { file }),
    ...(Number.isSafeInteger(line) && line > 0 && { line }),
  }
}

/** The node id pytest itself prints: `tests/test_cart.py::TestX::test_total[param]`. */
function caseName({ file, classname = '', name = '' }: Record<string, string>): string {
  if (!file) return classname ? `${classname}::${name}` : name
  const path = file.replaceAll('\\', '/')
  const modulePath = path.replace(/\.py$/, '').replaceAll('/', '.')
  // A file that could not be collected has no class, and its module as its name.
  if (classname === '') return name === modulePath || name === '' ? path : `${path}::${name}`
  const isInFile = classname === modulePath || classname.startsWith(`${modulePath}.`)
  const classes = isInFile ? classname.slice(modulePath.length + 1) : ''
  return [path, ...(classes ? classes.split('.') : []), name].join('::')
}

function collectionName(name: string): string {
  const path = name.includes('/') || name.endsWith('.py') ? name : `${name.replaceAll('.', '/')}.py`
  return `${path} (collection error)`
}
