// Reads pytest's JUnit report. A report can be megabytes of tracebacks of which only the names matter, so this walks over
// the tags in slices and lets the event loop breathe in between; text is never copied, entities are never defined
// (a DOCTYPE is skipped unread), so a hostile report costs no more than its length.
import { setImmediate } from 'node:timers/promises'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'

/** The tests of a report; null when it is not a complete JUnit document. */
export async function parseJunit(xml: string): Promise<CheckTests | null> {
  // By name: pytest writes a test that fails and then fails again in its teardown twice.
  const cases = new Map<string, TestCase>()
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
        const name = caseName(attributes(xml.slice(at, end)))
        const known = cases.get(name)
        const found: TestCase = known ?? { name, state: 'passed' }
        cases.set(name, found)
        current = isEmpty ? null : found
      }
    } else if (current && !isEnd && (tag === 'failure' || tag === 'error')) {
      current.state = 'failed'
      if (tag === 'error' && xml.startsWith('<error message="collection ', at)) {
        cases.delete(current.name)
        current.name = collectionName(current.name)
        cases.set(current.name, current)
      }
    } else if (current && !isEnd && tag === 'skipped' && current.state === 'passed') {
      current.state = 'skipped'
    } else if (isEnd ? tag === 'testsuites' || tag === 'testsuite' : tag === 'testsuite' && isEmpty) {
      closed = true
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
