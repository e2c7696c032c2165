// The one place where the facts of a check become its verdict.
import type { SuccessCondition } from '../contract/runs.ts'
import type { CommandResult } from '../workspace/workspace.ts'
import type { CheckTests } from './check-tests.ts'
import { withoutAnsi } from './command-line.ts'
import { matchOutput } from './match-output.ts'

export interface Facts {
  result: CommandResult
  tests: CheckTests | null
  condition: SuccessCondition | null
  timeoutMs: number
  /** A known runner ended without a word about its tests: something ended it, e.g. a test that calls exit(0). */
  isUnfinished?: boolean
}
export interface Verdict {
  achieved: boolean
  reason: string
}

/**
 * Achieved only when every condition holds. With the usual exit code 0 the tests have a say too: green means that tests
 * ran and passed. A user who asks for another exit code (or any) has said what counts, and the tests only inform.
 */
export async function judge({ result, tests, condition, timeoutMs, isUnfinished }: Facts): Promise<Verdict> {
  const no = (reason: string): Verdict => ({ achieved: false, reason })
  if (result.timedOut) return no(`The check did not finish within ${seconds(timeoutMs)}`)
  const expected = condition?.exit_code ?? 0
  const ending =
    result.exitCode === null ? `Ended by ${result.signal ?? 'a signal'}` : `Exit code ${result.exitCode}`
  const isExpectedCode = expected === 'any' ? result.exitCode !== null : result.exitCode === expected

  if (expected === 0 && tests) {
    const problem = testProblem(tests)
    if (problem)
      return no(isExpectedCode && tests.failed > 0 ? `${problem}, although the exit code is 0` : problem)
    if (!isExpectedCode) return no(`${summary(tests)}, but the command failed: ${lowerFirst(ending)}`)
  }
  if (expected === 0 && isExpectedCode && isUnfinished)
    return no('The test runner ended before it reported its tests, although the exit code is 0')
  if (!isExpectedCode)
    return no(expected === 0 || expected === 'any' ? ending : `${ending}, expected ${expected}`)

  const unmet = condition ? await unmetCondition(condition, result) : null
  if (unmet) return no(unmet)
  return { achieved: true, reason: tests && expected === 0 ? summary(tests) : sentence(ending, condition) }
}

function testProblem(tests: CheckTests): string | null {
  if (tests.unit === 'problems')
    return tests.failed > 0 ? `${tests.failed} ${tests.failed === 1 ? 'problem' : 'problems'} found` : null
  const uncollected = tests.failing.filter(name => name.endsWith('(collection error)')).length
  if (uncollected > 0 && uncollected === tests.failed)
    return `${uncollected} test ${uncollected === 1 ? 'file' : 'files'} cannot be collected`
  if (tests.failed > 0)
    return `${tests.failed} of ${tests.total} ${tests.total === 1 ? 'test' : 'tests'} failing`
  if (tests.total === 0) return 'No tests were run'
  if (tests.passed > 0) return null
  return tests.total === 1 ? 'The only test was skipped' : `All ${tests.total} tests were skipped`
}

function summary({ unit, passed, skipped, total }: CheckTests): string {
  if (unit === 'problems') return 'No problems found'
  if (skipped > 0) return `${passed} of ${total} tests passed, ${skipped} skipped`
  return total === 1 ? 'The only test passed' : `All ${total} tests passed`
}

async function unmetCondition(condition: SuccessCondition, result: CommandResult): Promise<string | null> {
  const { output_contains: text, output_regex: pattern, max_seconds: limit } = condition
  if (limit !== undefined && result.durationMs > limit * 1000)
    return `It took ${seconds(result.durationMs)}, more than ${limit} s`
  const searched = result.truncated ? ' (only its first and last part are kept and were searched)' : ''
  const output = withoutAnsi(result.output)
  if (text !== undefined && !result.output.includes(text) && !output.includes(text))
    return `The output does not contain ${shown(text)}${searched}`
  if (pattern === undefined) return null
  const match = await matchOutput(pattern, output)
  if (match === 'too_slow')
    return `The pattern ${shown(pattern)} takes too long on this output; write it without nested repetition`
  return match === 'no' ? `The output does not match ${shown(pattern)}${searched}` : null
}

function sentence(ending: string, condition: SuccessCondition | null): string {
  const held = [
    condition?.output_contains !== undefined && `the output contains ${shown(condition.output_contains)}`,
    condition?.output_regex !== undefined && `the output matches ${shown(condition.output_regex)}`,
    condition?.max_seconds !== undefined && `it took less than ${condition.max_seconds} s`,
  ].filter(part => part !== false)
  return held.length === 0 ? ending : `${ending}, ${held.join(', ')}`
}

const shown = (text: string) => `“${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`
const seconds = (ms: number) => `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))} s`
const lowerFirst = (text: string) => text[0]!.toLowerCase() + text.slice(1)
