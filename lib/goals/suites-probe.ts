// Makes bun's and deno's test runners write JUnit, and adds what they leave out of it: files that cannot be loaded.
import { relative } from 'node:path'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'
import { quote, withoutAnsi } from './command-line.ts'
import { parseJunit, suiteCase } from './junit.ts'
import type { Probe } from './run-with-report.ts'

/** `command` must make the runner write its report to the file it is given. */
export function suitesProbe(runner: 'bun' | 'deno', command: (file: string) => string, root: string): Probe {
  const unloaded = runner === 'bun' ? unloadedByBun : unloadedByDeno
  return {
    command: folder => command(quote(`${folder}/report.xml`)),
    env: () => ({ DENO_NO_UPDATE_CHECK: '1' }),
    alwaysReports: true,
    parse: report => parseJunit(report, suiteCase),
    complete(tests, output) {
      const lines = withoutAnsi(output.slice(-SEARCHED_CHARS)).split('\n')
      const more = unloaded(lines, root).filter(({ name }) => !tests?.failing.includes(name))
      return more.length === 0 ? tests : withCases(tests, more)
    },
  }
}

const SEARCHED_CHARS = 512 * 1024
const MAX_FILES = 1000

const withCases = (tests: CheckTests | null, more: TestCase[]) =>
  testsFrom([...(tests?.cases ?? []), ...more])

/** `test/load.test.ts:`, later `# Unhandled error between tests` and `error: …`. */
function unloadedByBun(lines: string[]): TestCase[] {
  const found = new Map<string, TestCase>()
  let file = ''
  for (const [i, line] of lines.entries()) {
    file = /^(\S.*\.[cm]?[jt]sx?):$/.exec(line)?.[1] ?? file
    if (!line.startsWith('# Unhandled error between tests') || found.size >= MAX_FILES) continue
    const message = lines.slice(i + 1, i + 40).find(text => text.startsWith('error: ')) ?? line
    found.set(file, {
      name: `${file} (unhandled error)`,
      state: 'failed',
      message,
      ...(file !== '' && { file }),
    })
  }
  return [...found.values()]
}

/** Before anything runs, `TS2307 [ERROR]: …` or `error: Module not found …`, and below it `at file:///…:1:8`. */
function unloadedByDeno(lines: string[], root: string): TestCase[] {
  const found: TestCase[] = []
  for (const [i, line] of lines.entries()) {
    if (found.length >= MAX_FILES) break
    const thrower = /^(?:\.\/)?(\S.*) \(uncaught error\)$/.exec(line)?.[1]
    const next = lines[i + 1] ?? ''
    // The same line comes once more in a list of names.
    if (thrower && next.startsWith('error: '))
      found.push({ name: `${thrower} (uncaught error)`, state: 'failed', message: next, file: thrower })
    const said = UNLOADED.exec(line)?.[1]
    if (!said) continue
    const at = /file:\/\/(\/.*?):(\d+):\d+/.exec(lines.slice(i, i + 30).join('\n'))
    const file = at ? relative(root, pathOf(at[1]!)) : ''
    const short = said.replace(' [ERROR]', '').replaceAll(`file://${root}/`, '').slice(0, 200)
    found.push({
      name: `${file} (${short})`,
      state: 'failed',
      message: said,
      ...(at && { file, line: Number(at[2]) }),
    })
  }
  return found
}
const UNLOADED =
  /^(?:error: )?(TS\d+ \[ERROR\]: .*|Module not found .*|The module's source code could not be parsed.*|Relative import path .*)$/

function pathOf(address: string): string {
  try {
    return decodeURI(address)
  } catch {
    return address // not written by deno, but by a test
  }
}
