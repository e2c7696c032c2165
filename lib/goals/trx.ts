// Reads the TRX reports of dotnet test, and what MSBuild says about code that does not compile.
import { relative } from 'node:path'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'
import { oncePerName, shortLines } from './check-with-program.ts'

/** The tests of one or more documents, one after the other; null when there is none that is complete. */
export function parseTrx(report: string, root: string): CheckTests | null {
  const documents = report.split(/(?=<TestRun[\s>])/).filter(text => text.startsWith('<TestRun'))
  if (documents.length === 0) return null
  return testsFrom(documents.flatMap(text => readDocument(text, root)))
}

function readDocument(text: string, root: string): TestCase[] {
  const classes = classesOf(text)
  const cases: TestCase[] = []
  // Ends where the next one begins: entities and text are escaped, so that a tag in them is none.
  const starts = [...text.matchAll(/<UnitTestResult\s[^<>]*>/g)]
  for (const [i, start] of starts.entries()) {
    const until = starts[i + 1]?.index ?? text.indexOf('</Results>', start.index)
    const body = start[0].endsWith('/>') ? '' : text.slice(start.index, until === -1 ? undefined : until)
    cases.push(readResult(start[0], body, classes, root))
  }
  const outcome = attribute(/<ResultSummary\s[^<>]*>/.exec(text)?.[0] ?? '', 'outcome')
  if (!text.includes('</TestRun>') || outcome === '')
    cases.push({
      name: '(report cut off)',
      state: 'failed',
      message: 'The test run ended before its report did',
    })
  // A test host that crashed: the tests it did not come to are in no list.
  else if (/^(?:Failed|Aborted|Error|Timeout)$/.test(outcome) && cases.every(one => one.state !== 'failed'))
    cases.push({ name: '(test run)', state: 'failed', message: runMessage(text) || `Outcome: ${outcome}` })
  return cases
}

/** By test id: a display name alone may be the same in two classes. */
function classesOf(text: string): Map<string, string> {
  const found = new Map<string, string>()
  let id = ''
  for (const [tag] of text.matchAll(/<(?:UnitTest|TestMethod)\s[^<>]*>/g))
    if (tag.startsWith('<UnitTest')) id = attribute(tag, 'id')
    else found.set(id, attribute(tag, 'className').split(',')[0]!)
  return found
}

const STATES: Record<string, TestCase['state']> = {
  Passed: 'passed',
  NotExecuted: 'skipped',
  Pending: 'skipped',
}

function readResult(tag: string, body: string, classes: Map<string, string>, root: string): TestCase {
  const owner = classes.get(attribute(tag, 'testId')) ?? ''
  const called = attribute(tag, 'testName')
  const name = owner === '' || called.startsWith(`${owner}.`) ? called : `${owner}.${called}`
  const state = STATES[attribute(tag, 'outcome')] ?? 'failed'
  if (state === 'passed') return { name, state }
  const stack = element(body, 'StackTrace').slice(0, 20_000)
  const said = element(body, 'Message') || (state === 'skipped' ? element(body, 'StdOut') : '')
  const places = [...stack.matchAll(/ in (\/.+?):line (\d+)/g)]
  const [, path = '', line] = places.find(([, file = '']) => isInside(root, file)) ?? []
  return {
    name,
    state,
    ...(said && { message: said }),
    ...(path !== '' && { file: relative(root, path), line: Number(line) }),
  }
}

const isInside = (root: string, file: string) => !relative(root, file).startsWith('..')

function runMessage(text: string): string {
  const infos = text.slice(text.indexOf('<RunInfos>'))
  return text.includes('<RunInfos>') ? element(infos, 'Text') : ''
}

const attribute = (tag: string, name: string) =>
  decode(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '')
const element = (text: string, name: string) =>
  decode(new RegExp(`<${name}(?:\\s[^<>]*)?>([^<]*)</${name}>`).exec(text)?.[1] ?? '').trim()

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const decode = (text: string) =>
  text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

/** `/p/Cart.cs(3,5): error CS0103: The name 'c' does not exist … [/p/Cart.csproj]`, once per build and once in the summary. */
export function msbuildErrors(output: string, root: string): TestCase[] {
  const pattern = /^\s*(\/.+?)(?:\((\d+)(?:,\d+)*\))?\s*: error ([A-Z]+\d+)\s*: (.+?)(?: \[\/[^\]]+\])?$/
  return oncePerName(
    shortLines(output).flatMap(line => {
      const [, path, at, code, said] = pattern.exec(line.trimEnd()) ?? []
      if (path === undefined) return []
      const file = isInside(root, path) ? relative(root, path) : null
      return [
        {
          name: `${file ?? path}: ${code} ${said}`,
          state: 'failed' as const,
          message: `${code}: ${said}`,
          ...(file !== null && { file, ...(at && { line: Number(at) }) }),
        },
      ]
    }),
  )
}
