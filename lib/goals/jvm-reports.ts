// Maven's surefire and gradle leave a JUnit document per test class below a build folder of each module. Those of an earlier run
// are taken away before the command, and what the command leaves is read: an old or planted report says nothing.
import { relative } from 'node:path'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'
import { oncePerName, shortLines } from './check-with-program.ts'
import { type NameCase, parseJunit } from './junit.ts'
import type { Probe } from './run-with-report.ts'

// `reports` is what find's -path takes.
export function jvmProbe(command: string, reports: string): Probe {
  const find = `find . -type d \\( -name node_modules -o -name .git \\) -prune -o -type f -path '${reports}'`
  return {
    command: () => `${find} -exec rm -f {} + 2>/dev/null; ${command}`,
    // Each after a line with its path; what the tests printed is left out only where it is too much.
    afterwards: folder =>
      [
        `report='${folder}/report.xml'`,
        `collect() { ${find} -print | LC_ALL=C sort | while IFS= read -r file; do`,
        `printf '\\n%s%s\\n' '${MARK}' "$file"; "$@" "$file"; done > "$report"; }`,
        'collect cat',
        `[ "$(wc -c < "$report")" -le 5000000 ] || collect sed -e '${ON_ONE_LINE}' -e '${ON_LINES}'`,
      ].join('\n'),
    alwaysReports: false,
    parse: parseReports,
  }
}
const MARK = '<?retrai-report '
const ON_ONE_LINE = String.raw`s#<system-\(out\|err\)>.*</system-\(out\|err\)>##`
const ON_LINES = String.raw`/<system-\(out\|err\)>/,/<\/system-\(out\|err\)>/d`

export async function parseReports(report: string): Promise<CheckTests | null> {
  const cases: TestCase[] = []
  const documents = report.split(`\n${MARK}`).slice(1)
  for (const text of documents) {
    const end = text.indexOf('\n')
    const path = text.slice(0, end).replace(/^\.\//, '')
    const module = /^(.*?)\/?(?:target|build)\//.exec(path)?.[1] ?? ''
    const found = await parseJunit(text.slice(end + 1), javaCase(module))
    // Its tests are unknown, of whatever the program that wrote it was ended.
    if (found === null) cases.push({ name: `${path} (cut off)`, state: 'failed' })
    else cases.push(...found.cases)
  }
  return documents.length === 0 ? null : testsFrom(cases.map(withPlace))
}

/** `x.CartTest.adds`, in a module `core: x.CartTest.adds`. Parameters can make names the same; each is a test of its own. */
function javaCase(module: string): NameCase {
  const counts = new Map<string, number>()
  return ({ attributes: { classname = '', name = '' }, suites }) => {
    const owner = classname || suites.at(-1)?.name || ''
    // JUnit 5 has them as `adds()`, and a class that could not be set up has no test's name.
    const called = name.replace(/\(\)$/, '')
    const full = `${module === '' ? '' : `${module}: `}${[owner, called].filter(part => part !== '').join('.')}`
    const count = (counts.get(full) ?? 0) + 1
    counts.set(full, count)
    return { name: count === 1 ? full : `${full} (${count})` }
  }
}

/** `at x.CartTest.adds(CartTest.java:4)`: which folder of sources it is in, the report does not say. */
function withPlace(one: TestCase): TestCase {
  const { state, message = '' } = one
  if (state !== 'failed') return one
  const [, owner] = /^(?:.*: )?([\w.$]+)\.[^.]*$/.exec(one.name) ?? []
  const frames = [
    ...message.matchAll(/\bat (?:[\w.@-]+\/)?([\w.$]+)\.[^.(]+\([\w$-]+\.(?:java|kt|groovy|scala):(\d+)\)/g),
  ]
  const line = frames.find(([, inClass]) => inClass === owner)?.[2]
  return line === undefined ? one : { ...one, line: Number(line) }
}

/**
 * What the compilers say. Maven: `[ERROR] /p/src/main/java/x/Cart.java:[2,60] cannot find symbol`; gradle:
 * `/p/src/main/java/x/Cart.java:2: error: cannot find symbol`; Kotlin: `e: file:///p/src/A.kt:3:5 Unresolved reference`.
 */
export function jvmCompilerErrors(output: string, root: string): TestCase[] {
  const found = shortLines(output).flatMap(line => {
    for (const pattern of COMPILERS) {
      const [, path, at, said] = pattern.exec(line) ?? []
      if (path === undefined || said === undefined) continue
      const file = relative(root, path)
      const place = file.startsWith('..') ? {} : { file, line: Number(at) }
      return [
        {
          name: `${place.file ?? path}: ${said}`,
          state: 'failed' as const,
          message: line.trim(),
          ...place,
        },
      ]
    }
    return []
  })
  return oncePerName(found)
}
const COMPILERS = [
  /^\[ERROR\] (\/.+?\.\w+):\[(\d+),\d+\] (?:error: )?(.+)$/,
  // Old versions of gradle go on in the line that names the task.
  /^(?:(?::[\w-]+)+)?(\/.+?\.\w+):(\d+): error: (.+)$/,
  /^e: (?:file:\/\/)?(\/.+?\.kts?):(?: \()?(\d+)(?::\d+|, \d+\))?:? (.+)$/,
  /^(?:\[ERROR\] )?(\/.+?\.scala):(\d+): error: (.+)$/,
]
