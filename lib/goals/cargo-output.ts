// Reads what `cargo test` prints, test by test: its machine format is not in stable Rust. What a test prints itself may stand
// between a name and its result, so each target's own list of failures and its sum complete what the lines say.
import type { TestCase } from './check-tests.ts'
import { oncePerName, shortLines } from './check-with-program.ts'

interface Target {
  /** What is put before the names: `cart/src/lib.rs`, `tests/total.rs`; empty for doc-tests, whose names begin with their file. */
  label: string
  announced: number
  cases: Map<string, TestCase>
  isEnded: boolean
}

/** null when nothing about tests or compiler errors was printed. */
export function parseCargo(output: string): TestCase[] | null {
  const lines = shortLines(output)
  const found: TestCase[] = []
  let label = ''
  let target: Target | null = null
  const end = () => {
    if (target) found.push(...target.cases.values(), ...unended(target))
    target = null
  }
  let isAny = false
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const next = labelOf(line)
    if (next !== null) {
      end()
      label = next
      continue
    }
    const announced = /^running (\d+) tests?$/.exec(line)?.[1]
    if (announced !== undefined) {
      end()
      isAny = true
      target = { label, announced: Number(announced), cases: new Map(), isEnded: false }
    } else if (target) i = readLine(target, lines, i)
  }
  end()
  const unbuilt = compilerErrors(lines)
  return isAny || unbuilt.length > 0 ? [...found, ...unbuilt] : null
}

/** `Running unittests src/lib.rs (target/debug/deps/cart-791d436362bbaaad)`, `Running tests/total.rs (…)`, `Doc-tests cart`. */
function labelOf(line: string): string | null {
  if (/^\s+Doc-tests \S+$/.test(line)) return ''
  const running =
    /^\s+Running (unittests )?(\S.*?) \((?:.*[\\/])?([^\\/()]+?)(?:-[0-9a-f]{16})?(?:\.exe)?\)$/.exec(line)
  if (!running) return null
  const [, unit, file = '', crate = ''] = running
  return unit ? `${crate}/${file}` : file
}

/** Returns the last line it read. */
function readLine(target: Target, lines: string[], at: number): number {
  const line = lines[at]!
  const [, name, rest = ''] = /^test (\S.*?)(?: - should panic)? \.\.\. ?(.*)$/.exec(line) ?? []
  if (name !== undefined) {
    const result = resultOf(rest) ?? laterResult(lines, at)
    if (result) add(target, name, result)
    return at
  }
  const details = /^---- (.+) stdout ----$/.exec(line)?.[1]
  if (details !== undefined) return readDetails(target, details, lines, at)
  if (line === 'failures:' && /^ {4}\S/.test(lines[at + 1] ?? '')) {
    let i = at + 1
    for (; /^ {4}\S/.test(lines[i] ?? ''); i++) {
      const failed = withoutShould(lines[i]!.slice(4))
      if (target.cases.get(failed)?.state !== 'failed') add(target, failed, { state: 'failed' })
    }
    return i - 1
  }
  const sum = /^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured;/.exec(
    line,
  )
  if (sum && !target.isEnded) {
    target.isEnded = true
    const [passed = 0, , ignored = 0, measured = 0] = sum.slice(1).map(Number)
    fill(target, 'passed', passed + measured)
    fill(target, 'skipped', ignored)
  }
  return at
}

function resultOf(rest: string): Pick<TestCase, 'state' | 'message'> | null {
  // What the test printed may stand before its result on the same line.
  if (/(?:^|[^\w])ok(?: <[\d.]+s>)?$|^bench:/.test(rest)) return { state: 'passed' }
  if (/FAILED(?: <[\d.]+s>)?$/.test(rest)) return { state: 'failed' }
  const [ignored, why] = /^ignored(?:, (.*))?$/.exec(rest) ?? []
  return ignored === undefined ? null : { state: 'skipped', ...(why && { message: why }) }
}

/** With one thread and output that is not captured, the result follows on a line of its own. */
function laterResult(lines: string[], at: number) {
  for (const line of lines.slice(at + 1, at + 200)) {
    if (/^test (?:\S.* \.\.\.|result:)/.test(line)) return null
    if (/^(?:ok|FAILED)(?: <[\d.]+s>)?$/.test(line)) return resultOf(line)
  }
  return null
}

const withoutShould = (name: string) => name.replace(/ - should panic$/, '')

/** `src/lib.rs - add (line 5)`: without the line, which any edit above it changes. */
function add(target: Target, printed: string, { state, message }: Pick<TestCase, 'state' | 'message'>) {
  const [, file, item, line] = /^(\S.*?\.\w+) - (.*?)\s*\(line (\d+)\)(?: - .*)?$/.exec(printed) ?? []
  const place = file === undefined ? {} : { file, line: Number(line) }
  const short = file === undefined ? printed : item ? `${file} - ${item}` : `${file} (doc)`
  const name = target.label === '' ? short : `${target.label}::${short}`
  target.cases.set(printed, { name, state, ...(message && { message }), ...place })
}

/** What was said of a failed test: up to the next one, without the stack. */
function readDetails(target: Target, printed: string, lines: string[], at: number): number {
  let i = at + 1
  while (i < lines.length && !/^---- .+ stdout ----$|^failures:$|^test result: /.test(lines[i]!)) i++
  const text = lines.slice(at + 1, i)
  const stack = text.indexOf('stack backtrace:')
  const said = (stack === -1 ? text : text.slice(0, stack)).join('\n').trim()
  if (!target.cases.has(printed)) add(target, printed, { state: 'failed' })
  const one = target.cases.get(printed)!
  const [, file, line] = /panicked at (?:'.*', )?([^\s:]+\.rs):(\d+):\d+/.exec(said) ?? []
  target.cases.set(printed, {
    ...one,
    ...(said && { message: said }),
    ...(file && !file.startsWith('/') && one.file === undefined && { file, line: Number(line) }),
  })
  return i - 1
}

/** Tests of which only the sum tells, because something was printed in the middle of their lines. */
function fill(target: Target, state: TestCase['state'], count: number) {
  const known = [...target.cases.values()].filter(one => one.state === state).length
  for (let i = known; i < Math.min(count, MOST_UNNAMED); i++)
    add(target, `(unnamed ${state} test ${i - known + 1})`, { state })
}

const MOST_UNNAMED = 100_000

/** A test that ends the process, with whatever exit code, ends it before the target's sum. */
function unended({ label, announced, cases, isEnded }: Target): TestCase[] {
  if (isEnded) return []
  const message = `The test program ended before its tests did: ${cases.size} of ${announced} had a result`
  return [{ name: `${label || 'doc-tests'} (ended before its tests did)`, state: 'failed', message }]
}

/** `error[E0425]: cannot find value …`, below it ` --> src/lib.rs:11:41`. */
function compilerErrors(lines: string[]): TestCase[] {
  const found: TestCase[] = []
  for (const [i, line] of lines.entries()) {
    const said = /^error(?:\[E\d+\])?: (.+)$/.exec(line)?.[1]
    if (said === undefined) continue
    const [, file, at] = /^\s*--> (.+?):(\d+):\d+$/.exec(lines[i + 1] ?? '') ?? []
    if (file === undefined) {
      const crate = /^could not compile `(.+?)`/.exec(said)?.[1]
      if (crate) found.push({ name: `${crate} (cannot be compiled)`, state: 'failed', message: said })
      continue
    }
    const shown = lines.slice(i, i + 12)
    const end = shown.findIndex(text => text.trim() === '')
    found.push({
      name: `${file}: ${said}`,
      state: 'failed',
      message: shown.slice(0, end === -1 ? undefined : end).join('\n'),
      ...(!file.startsWith('/') && { file }),
      line: Number(at),
    })
  }
  // The crate alone says something only where the compiler named no place.
  const placed = found.filter(({ line }) => line !== undefined)
  return oncePerName(placed.length > 0 ? placed : found)
}
