// What our probes inside node's test runner, jest and vitest write: one JSON array per test and line,
// [state, file, [suite, …, test]]. One format, so that one parser reads them all.
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { CheckTests } from './goal.ts'

const Line = z.tuple([z.enum(['pass', 'fail', 'skip']), z.string(), z.array(z.string())])

/** The tests of a report; null when it holds no complete line. Unreadable lines are passed over. */
export async function parseReportLines(report: string): Promise<CheckTests | null> {
  const tests: CheckTests = { passed: 0, failed: 0, skipped: 0, total: 0, failing: [] }
  const failing = new Set<string>()
  let understood = false
  let unfinished = 0
  let sinceBreath = 0
  for (let at = 0; at < report.length; ) {
    const end = report.indexOf('\n', at)
    const text = report.slice(at, end === -1 ? report.length : end)
    at = end === -1 ? report.length : end + 1
    if (++sinceBreath % 2000 === 0) await setImmediate()
    if (text === READY || text === DONE) {
      understood = true
      unfinished += text === READY ? 1 : -1
      continue
    }
    const line = Line.safeParse(parseJson(text))
    if (!line.success) continue
    understood = true
    const [state, file, path] = line.data
    if (state === 'pass') tests.passed++
    else if (state === 'skip') tests.skipped++
    else {
      tests.failed++
      failing.add([file, ...path].filter(part => part !== '').join(' > '))
    }
  }
  // The process ended in the middle, e.g. by a test that calls process.exit(0) where files are not run apart.
  for (; unfinished > 0; unfinished--) {
    tests.failed++
    failing.add('(the test runner ended before its tests did)')
  }
  tests.total = tests.passed + tests.failed + tests.skipped
  tests.failing = [...failing]
  return understood ? tests : null
}

/** The first and the last line of each process's report. A runner that found no tests at all leaves only these. */
export const READY = '"ready"'
export const DONE = '"done"'

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // half a line, of a process that was killed while it wrote
  }
}
