// Reads the summaries that test runners print for people. Only used where no report could be had, and only for runners that
// the command is known to start: any program may print «3 passed».

import { addTests, type CheckTests, countsOnly } from './check-tests.ts'
import { withoutAnsi } from './command-line.ts'
import type { Runner } from './probe.ts'

const SEARCHED_CHARS = 512 * 1024

/** The tests of all these runners together; null when none of their summaries is there. */
export function readSummaries(output: string, runners: Runner[]): CheckTests | null {
  const lines = withoutAnsi(output.slice(-SEARCHED_CHARS))
    .split('\n')
    .map(line => line.trimEnd().slice(0, 2000))
  const found = runners.flatMap(runner => READERS[runner](lines) ?? [])
  return addTests(found.map(countsOnly))
}

type Counts = Pick<CheckTests, 'passed' | 'failed' | 'skipped' | 'failing'>
type Reader = (lines: string[]) => Counts | null

const READERS: Record<Runner, Reader> = {
  pytest: lines => {
    const total = lines.findLast(line => PYTEST_TOTAL.test(line))
    if (!total) return null
    const n = countWords(total)
    return {
      passed: n('passed') + n('xpassed'),
      failed: n('failed') + n('error') + n('errors'),
      skipped: n('skipped') + n('xfailed'),
      failing: matches(lines, /^(?:FAILED|ERROR) (\S+\.py\S*(?:\[.*\])?)(?: - .*)?$/),
    }
  },
  unittest: lines => {
    const ran = sumOf(lines, /^Ran (\d+) tests? in /)
    const end = lines.findLast(line => /^(OK|FAILED)( \(.*\))?$/.test(line))
    if (ran === null || !end) return null
    const parts = end.split(/[(),]/).map(part => part.trim())
    const n = (name: string) =>
      Number(parts.find(part => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? 0)
    const failed = n('failures') + n('errors') + n('unexpected successes')
    const skipped = n('skipped') + n('expected failures')
    return {
      passed: Math.max(0, ran - failed - skipped),
      failed,
      skipped,
      failing: matches(lines, /^(?:FAIL|ERROR): (\S+ \([\w.]+\))/),
    }
  },
  node: lines => {
    const n = (name: string) => sumOf(lines, new RegExp(`^(?:ℹ|#) ${name} (\\d+)$`))
    const passed = n('pass')
    if (passed === null || n('tests') === null) return null
    return {
      passed,
      failed: (n('fail') ?? 0) + (n('cancelled') ?? 0),
      skipped: (n('skipped') ?? 0) + (n('todo') ?? 0),
      failing: nodeFailing(lines),
    }
  },
  vitest: lines => {
    const total = lines.findLast(line => /^\s*Tests\s+(no tests|\d+ (failed|passed|skipped|todo))/.test(line))
    if (!total) return null
    const n = countWords(total)
    const failing = matches(lines, /^\s*FAIL\s+(?:\|.*?\|\s+)?(\S.*)$/)
    // A file that cannot be loaded has no tests in the total: `FAIL  test/a.test.ts [ test/a.test.ts ]`.
    const unloaded = failing.filter(name => / \[ .* \]$/.test(name))
    return {
      passed: n('passed'),
      failed: n('failed') + new Set(unloaded).size,
      skipped: n('skipped') + n('todo'),
      failing: failing.map(name => name.replace(/ \[ .* \]$/, '')),
    }
  },
  jest: lines => {
    const total = lines.findLast(line => /^Tests:\s+.*\d+ total$/.test(line))
    if (!total) return null
    const n = countWords(total)
    const failing = jestFailing(lines)
    return {
      passed: n('passed'),
      failed: n('failed') + failing.filter(name => !name.includes(' > ')).length,
      skipped: n('skipped') + n('todo') + n('pending'),
      failing,
    }
  },
  mocha: lines => {
    const passed = sumOf(lines, /^\s+(\d+) passing(?: \(.*\))?$/)
    if (passed === null) return null
    return {
      passed,
      failed: sumOf(lines, /^\s+(\d+) failing$/) ?? 0,
      skipped: sumOf(lines, /^\s+(\d+) pending$/) ?? 0,
      failing: mochaFailing(lines),
    }
  },
  bun: lines => {
    const passed = sumOf(lines, /^ (\d+) pass$/)
    if (passed === null) return null
    return {
      passed,
      failed: sumOf(lines, /^ (\d+) fail$/) ?? 0,
      skipped: (sumOf(lines, /^ (\d+) skip$/) ?? 0) + (sumOf(lines, /^ (\d+) todo$/) ?? 0),
      failing: matches(lines, /^(?:\(fail\)|✗) (.*?)(?: \[[\d.]+\w+\])?$/),
    }
  },
  deno: lines => {
    const total = lines.findLast(line => /^(?:ok|FAILED) \| \d+ passed/.test(line))
    if (!total) return null
    const n = countWords(total)
    return {
      passed: n('passed'),
      failed: n('failed'),
      skipped: n('ignored'),
      failing: matches(lines, /^(.+?) \.\.\. FAILED(?: \(.*\))?$/),
    }
  },
  cargo: lines => {
    const results = /^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;/
    const passed = sumOf(lines, results)
    if (passed === null) return null
    return {
      passed,
      failed: sumOf(lines, results, 2) ?? 0,
      skipped: sumOf(lines, results, 3) ?? 0,
      failing: matches(lines, /^test (\S.*?)(?: - should panic)? \.\.\. FAILED$/),
    }
  },
  go: lines => {
    // Without -v only packages and failures are printed, which is no count.
    const tests = (state: string) =>
      matches(lines, new RegExp(`^\\s*--- ${state}: (\\S+) \\(`), { keepDoubles: true })
    const isEmpty = lines.some(line => /^\?\s+\S+\s+\[no test files\]$/.test(line))
    const hasResult = lines.some(line => /^(ok|FAIL|---|panic:)/.test(line.trim()))
    if (tests('PASS').length === 0)
      return isEmpty && !hasResult ? { passed: 0, failed: 0, skipped: 0, failing: [] } : null
    return {
      passed: tests('PASS').length,
      failed: tests('FAIL').length,
      skipped: tests('SKIP').length,
      failing: tests('FAIL'),
    }
  },
}

const PYTEST_TOTAL =
  /^=* ?(?:no tests ran|(?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|errors?|warnings?|rerun|subtests passed|subtests failed)(?:, )?)+) in [\d.]+s(?: \([\d:]+\))? ?=*$/

/** `3 failed, 39 passed` → by word. */
function countWords(line: string): (word: string) => number {
  const counts = new Map<string, number>()
  for (const [, count, word] of line.matchAll(/(\d+) ([a-z]+)/g)) if (word) counts.set(word, Number(count))
  return word => counts.get(word) ?? 0
}

function sumOf(lines: string[], pattern: RegExp, group = 1): number | null {
  const found = lines.flatMap(line => pattern.exec(line)?.[group] ?? [])
  return found.length === 0 ? null : found.reduce((sum, count) => sum + Number(count), 0)
}

function matches(lines: string[], pattern: RegExp, { keepDoubles = false } = {}): string[] {
  const found = lines.flatMap(line => pattern.exec(line)?.[1] ?? [])
  return keepDoubles ? found : [...new Set(found)]
}

/** After «failing tests:» node prints a place and a name for each: `test at a.test.mjs:3:1`, `✖ adds (0.7ms)`. */
function nodeFailing(lines: string[]): string[] {
  const start = lines.indexOf('✖ failing tests:')
  if (start === -1) return matches(lines, /^\s*not ok \d+ - (.*?)(?: # .*)?$/)
  const names: string[] = []
  for (const [i, line] of lines.entries()) {
    const file = i > start ? /^test at (.*?):\d+:\d+$/.exec(line)?.[1] : undefined
    const name = /^✖ (.*?) \([\d.]+ms\)$/.exec(lines[i + 1] ?? '')?.[1]
    if (file && name) names.push(name.endsWith(file) ? file : `${file} > ${name}`)
  }
  return [...new Set(names)]
}

/** `FAIL test/a.test.js`, below it `● suite › name` for each test, or `● Test suite failed to run`. */
function jestFailing(lines: string[]): string[] {
  const names = new Set<string>()
  let file = ''
  for (const line of lines) {
    file = /^\s*FAIL (?:\S+ )?(\S+\.[cm]?[jt]sx?)(?: \(.*\))?$/.exec(line)?.[1] ?? file
    const title = /^\s+● (.+)$/.exec(line)?.[1]
    if (!title || file === '') continue
    names.add(title === 'Test suite failed to run' ? file : `${file} > ${title.replaceAll(' › ', ' > ')}`)
  }
  return [...names]
}

/** After «1 failing» each test is a numbered block of indented titles, the last one ending with a colon. */
function mochaFailing(lines: string[]): string[] {
  const names: string[] = []
  const start = lines.findIndex(line => /^\s+\d+ failing$/.test(line))
  for (let i = start + 1; start !== -1 && i < lines.length; i++) {
    let title = /^ {2}\d+\) (.+)$/.exec(lines[i]!)?.[1]
    if (!title) continue
    const path: string[] = []
    while (title && !title.endsWith(':')) {
      path.push(title)
      title = /^ {7,}(\S.*)$/.exec(lines[++i] ?? '')?.[1]
    }
    if (title) names.push([...path, title.slice(0, -1)].join(' > '))
  }
  return names
}
