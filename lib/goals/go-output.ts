// Reads `go test -json`, between whose lines the compiler says what it has to say as text.
import { z } from 'zod'
import type { TestCase } from './check-tests.ts'
import { oncePerName } from './check-with-program.ts'

const Event = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
  ImportPath: z.string().optional(),
})
type Event = z.infer<typeof Event>

interface Found {
  state: TestCase['state'] | null
  output: string
}

/** null when it holds no event and no error of the compiler. `module` is the one of the project's folder. */
export function parseGo(report: string, module: string | null): TestCase[] | null {
  const tests = new Map<string, Found & { pack: string }>()
  const packages = new Map<string, Found>()
  const text: string[] = []
  let isAny = false
  for (const line of report.split('\n')) {
    const event = eventOf(line)
    if (event === null) {
      text.push(line)
      continue
    }
    if (event.Action === 'build-output') text.push(...(event.Output ?? '').trimEnd().split('\n'))
    const { Package: pack, Test: name, Output: said = '' } = event
    if (pack === undefined) continue
    isAny = true
    const key = name === undefined ? pack : `${pack}.${name}`
    const found: Found =
      name === undefined
        ? entry(packages, pack, { state: null, output: '' })
        : entry(tests, key, { state: null, output: '', pack })
    if (found.output.length < 8000) found.output += said
    found.state = STATES[event.Action] ?? found.state
  }
  const unbuilt = compilerErrors(text)
  if (!isAny && unbuilt.length === 0) return null
  const cases = [...tests].map(([name, found]) => testCase(name, found, folderOf(found.pack, module)))
  const red = new Set(
    [...tests.values()].filter(one => one.state === 'failed' || one.state === null).map(one => one.pack),
  )
  const failedPackages = [...packages].filter(([name, { state }]) => state === 'failed' && !red.has(name))
  // What the compiler said with its place says more than that a package failed.
  const unexplained = failedPackages.filter(
    ([, { output }]) => unbuilt.length === 0 || !/\[(build|setup) failed\]/.test(output),
  )
  const printed = text.flatMap(line => /^FAIL\t(\S+) \[(?:build|setup) failed\]$/.exec(line)?.[1] ?? [])
  const missing = unbuilt.length === 0 ? printed.filter(name => !packages.has(name)) : []
  return [
    ...cases,
    ...unbuilt,
    ...unexplained.map(([name, { output }]) => ({
      name: `${name} (package)`,
      state: 'failed' as const,
      message: output.trim(),
    })),
    ...missing.map(name => ({
      name: `${name} (package)`,
      state: 'failed' as const,
      message: text.join('\n').trim(),
    })),
  ]
}

const STATES: Record<string, TestCase['state']> = { pass: 'passed', fail: 'failed', skip: 'skipped' }

function entry<T>(map: Map<string, T>, key: string, fresh: T): T {
  const found = map.get(key) ?? fresh
  map.set(key, found)
  return found
}

function eventOf(line: string): Event | null {
  if (!line.startsWith('{"')) return null
  try {
    const event = Event.safeParse(JSON.parse(line))
    return event.success ? event.data : null
  } catch {
    return null // a program printed something that looks like it
  }
}

/** A test without an end was running when its program ended. */
function testCase(name: string, { state, output }: Found, folder: string | null): TestCase {
  if (state === 'passed') return { name, state }
  const lines = output.split('\n').filter(line => !/^\s*(=== (RUN|PAUSE|CONT|NAME)\b|--- \w+: )/.test(line))
  const message =
    lines.join('\n').trim() || (state === null ? 'It was running when the test program ended' : '')
  const [, file, line] = /^\s*(\w[\w.-]*_test\.go):(\d+): /m.exec(output) ?? []
  return {
    name,
    state: state ?? 'failed',
    ...(message && { message }),
    ...(file && folder !== null && { file: `${folder}${file}`, line: Number(line) }),
  }
}

/** Only the name of a file is printed; its folder follows from the package. null: outside of the module. */
function folderOf(pack: string, module: string | null): string | null {
  if (module === null || pack === module) return module === null ? null : ''
  return pack.startsWith(`${module}/`) ? `${pack.slice(module.length + 1)}/` : null
}

/** `bad/bad.go:2:12: undefined: y`, `vet: ./a.go:3:2: …`. */
function compilerErrors(lines: string[]): TestCase[] {
  return oncePerName(
    lines.flatMap(line => {
      const [, path, at, said] =
        /^(?:vet: )?((?:\.{0,2}\/)?[^\s:]+\.go):(\d+)(?::\d+)?: (.+)$/.exec(line) ?? []
      if (path === undefined || said === undefined) return []
      const file = path.replace(/^\.\//, '')
      const isInside = !/^(\.\.)?\//.test(file)
      return [
        {
          name: `${file}: ${said}`,
          state: 'failed' as const,
          message: line,
          ...(isInside && { file }),
          line: Number(at),
        },
      ]
    }),
  )
}

/** What would have been printed without -json. */
export function readableGo(output: string): string {
  return output
    .split('\n')
    .map((line, i, all) => {
      const event = eventOf(line)
      if (event === null) return i === all.length - 1 ? line : `${line}\n`
      return /^=== (RUN|PAUSE|CONT|NAME)\b/.test(event.Output ?? '') ? '' : (event.Output ?? '')
    })
    .join('')
}
