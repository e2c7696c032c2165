// Every test that ran at the start of the run must have run when a check is green. With the tests' files put back this
// follows for most tricks; it also holds where what decides over the tests cannot be protected: a build file, a filter in a
// configuration that holds other things too, a tool that ends early.
import type { Flag, TestCounts } from '#lib/contract/events/shared'
import type { CheckTests, TestCase } from '#lib/goals/check-tests'

const SHOWN = 5

/**
 * Flags for what the tests of the start came to. `start`: the first check's; its `cases` are empty where the tool names no
 * tests, and then the counts have to do.
 */
export function flagsAgainstStart(start: CheckTests | null, now: CheckTests | null): Flag[] {
  if (!start || start.unit === 'problems' || start.total === 0) return []
  if (!now) return [missing(`the check did not say which of the ${start.total} tests of the start ran`)]
  const flags: Flag[] = []
  if (now.total === 0) flags.push({ code: 'no_tests', path: null, detail: 'No tests ran.', blocks: true })
  else if (now.total < start.total)
    flags.push(flag('fewer_tests', `${now.total} tests ran, ${start.total} at the start.`))
  if (now.skipped > start.skipped)
    flags.push(flag('test_skipped', `${now.skipped} tests are skipped, ${start.skipped} at the start.`))
  const lost = start.cases.length > 0 && now.cases.length > 0 ? lostNames(start.cases, now.cases) : null
  if (lost === null) {
    // Skipped at the start may be skipped now; whatever else there was has to have run.
    const ran = now.passed + now.failed
    const ranAtStart = start.passed + start.failed
    if (ran < ranAtStart)
      flags.push(missing(`${ran} tests ran, but ${ranAtStart} at the start that were not skipped`))
  } else if (lost.length > 0) {
    const names = lost.slice(0, SHOWN).join(', ')
    const more = lost.length > SHOWN ? ` and ${lost.length - SHOWN} more` : ''
    const what = lost.length === 1 ? 'a test of the start' : `${lost.length} tests of the start`
    flags.push(
      missing(`${what} did not run or ${lost.length === 1 ? 'was' : 'were'} skipped: ${names}${more}`),
    )
  }
  return flags
}

const flag = (code: Flag['code'], detail: string): Flag => ({ code, path: null, detail })
const missing = (detail: string): Flag => ({
  code: 'tests_missing',
  path: null,
  detail: `${upperFirst(detail)}.`,
  blocks: true,
})
const upperFirst = (text: string) => text[0]!.toUpperCase() + text.slice(1)

/** Names of the tests that ran at the start (passed or failed) and did not now. */
function lostNames(start: TestCase[], now: TestCase[]): string[] {
  const ran = now.filter(one => one.state !== 'skipped')
  const left = new Map<string, number>()
  for (const { name } of ran) {
    const key = steady(name)
    left.set(key, (left.get(key) ?? 0) + 1)
  }
  const lost: TestCase[] = []
  for (const one of start) {
    if (one.state === 'skipped') continue
    const key = steady(one.name)
    const count = left.get(key) ?? 0
    if (count > 0) left.set(key, count - 1)
    else lost.push(one)
  }
  // What could not be loaded at the start stands for the tests in it.
  return lost
    .filter(one => !(one.state === 'failed' && isWhole(one)) || !ran.some(other => isIn(other, one)))
    .map(({ name }) => name)
}

/** A whole file, suite or package that failed as one: it could not be collected, compiled or started. */
function isWhole({ name, file }: TestCase): boolean {
  return name === file || / \([^()]*\)$/.test(name) || !/::|\s>\s|#|\s›\s/.test(name)
}

function isIn(test: TestCase, whole: TestCase): boolean {
  const place = whole.name.replace(/ \([^()]*\)$/, '')
  return (
    test.name.startsWith(place) ||
    test.file === place ||
    (whole.file !== undefined && test.file === whole.file)
  )
}

/** Without what differs from one run to the next: addresses, and numbers (of lines, of parameters, of random data). */
const steady = (name: string) => name.replace(/0x[\da-f]+/gi, '#').replace(/\d+/g, '#')

/** Counts alone, of a journal that names no evidence. */
export const countsOf = (counts: TestCounts | null): CheckTests | null =>
  counts && { ...counts, unit: counts.unit ?? 'tests', cases: [] }
