// What our probes inside node's test runner, jest and vitest write: one JSON array per test and line,
// [state, file, [suite, …, test], { message, line }]; the last may be missing. One format, so that one parser reads them all.
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'

const More = z.object({ message: z.string().optional(), line: z.number().int().positive().optional() })
const Line = z.tuple([z.enum(['pass', 'fail', 'skip']), z.string(), z.array(z.string())]).rest(More)

const STATES = { pass: 'passed', fail: 'failed', skip: 'skipped' } as const

/** The tests of a report; null when it holds no complete line. Unreadable lines are passed over. */
export async function parseReportLines(report: string): Promise<CheckTests | null> {
  const cases: TestCase[] = []
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
    const [state, file, path, more] = line.data
    const name = [file, ...path].filter(part => part !== '').join(' > ')
    cases.push({ name, state: STATES[state], ...(file !== '' && { file }), ...more })
  }
  // The process ended in the middle, e.g. by a test that calls process.exit(0) where files are not run apart.
  for (; unfinished > 0; unfinished--) {
    cases.push({ name: '(the test runner ended before its tests did)', state: 'failed' })
  }
  return understood ? testsFrom(cases) : null
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
