import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Files, type Projects } from './check-project.ts'
import type { CheckContext, CheckResult } from './goal.ts'
import { median, shownMs } from './measure.ts'
import { perfCheck } from './perf-check.ts'
import { projectAt } from './project-at-start.ts'
import { resolveGoal } from './resolve-goal.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const check = (checkCommand: string, settings: Record<string, unknown>, more = {}, files: Files = {}) =>
  projects.check(files, 'perf-check', { checkCommand, settings, ...more })

test('the median decides, and every sample is kept', async () => {
  const result = await check('sleep 0.05', { max_seconds: 5, runs: 3 })
  expect(result).toMatchObject({ achieved: true, broken: false, exitCode: 0, command: 'sleep 0.05' })
  expect(result.measurement).toMatchObject({
    name: 'median of 3 runs',
    unit: 'ms',
    better: 'lower',
    target: 5000,
    baseline: null,
  })
  expect(result.measurement?.samples).toHaveLength(3)
  expect(result.measurement?.value).toBe(median(result.measurement?.samples ?? []))
  expect(result.measurement?.value).toBeGreaterThanOrEqual(50)
  expect(result.reason).toMatch(/^\d+(\.\d)? ms \(median of 3 runs\), within the target of 5000 ms$/)
})

test('a command that takes longer is not achieved, and says by how much', async () => {
  const result = await check('sleep 0.1', { max_seconds: 0.05, runs: 1, warmup: 0 })
  expect(result).toMatchObject({
    achieved: false,
    broken: false,
    measurement: { name: 'one run', target: 50 },
  })
  expect(result.reason).toMatch(/^\d+ ms \(one run\), above the target of 50 ms$/)
})

test('one slow run out of three does not decide', async () => {
  // The second run is the slow one.
  const command = 'echo x >> n; [ "$(wc -l < n)" = 2 ] && sleep 1; true'
  const result = await check(command, { max_seconds: 0.5, runs: 3, warmup: 0 })
  expect(result.achieved).toBe(true)
  expect(Math.max(...(result.measurement?.samples ?? []))).toBeGreaterThan(1000)
})

test('warm-up runs are not measured', async () => {
  const command = 'echo x >> n; [ "$(wc -l < n)" = 1 ] && sleep 1; true'
  const result = await check(command, { max_seconds: 0.5, runs: 1, warmup: 1 })
  expect(result.achieved).toBe(true)
  expect(result.output).toMatch(/^warm-up 1 of 1: 1\d{3} ms\nrun 1 of 1: /)
})

test('a command that fails is not fast: the first failure ends the check and shows its output', async () => {
  const command = 'echo x >> n; [ "$(wc -l < n)" = 2 ] && { echo wrong result; exit 3; }; true'
  const workspace = await projects.make({})
  const result = await projects.check(workspace, 'perf-check', {
    checkCommand: command,
    settings: { max_seconds: 10, runs: 5, warmup: 0 },
  })
  expect(result).toMatchObject({ achieved: false, broken: false, exitCode: 3, reason: 'Exit code 3' })
  expect(result.output).toContain('wrong result')
  expect(result.measurement).toBeUndefined()
  const { output } = await workspace.run({ command: 'wc -l < n', timeoutMs: 5000 })
  expect(output.trim()).toBe('2')
})

test('what else was asked for must hold in every run', async () => {
  const command = 'echo x >> n; [ "$(wc -l < n)" = 3 ] || echo ready'
  const successCondition = { output_contains: 'ready' }
  const result = await check(command, { max_seconds: 10, runs: 5, warmup: 0 }, { successCondition })
  expect(result).toMatchObject({ achieved: false, broken: false })
  expect(result.reason).toBe('The output does not contain “ready”')
})

test('a time in the condition is a limit of the median too', async () => {
  const successCondition = { max_seconds: 0.02 }
  const result = await check('sleep 0.1', { max_seconds: 10, runs: 1, warmup: 0 }, { successCondition })
  expect(result).toMatchObject({ achieved: false, measurement: { target: 20 } })
})

test('failing tests of a known runner are no fast tests', async () => {
  const files = { 'a.test.mjs': "import { test } from 'node:test'\ntest('b', () => { throw 1 })\n" }
  const result = await check('node --test a.test.mjs || true', { max_seconds: 60, runs: 2 }, {}, files)
  expect(result).toMatchObject({ achieved: false, tests: { failed: 1 } })
})

test('a missing program and a time limit are told for what they are', async () => {
  expect(await check('no-such-program', { max_seconds: 1 })).toMatchObject({ achieved: false, broken: true })
  expect(await check('sleep 100', { max_seconds: 1 }, { timeoutSeconds: 1 })).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'The check did not finish within 1 s (in warm-up 1 of 1)',
  })
})

/** The checks of one run, one after the other. */
async function inOneRun(commands: string[], settings: Record<string, unknown>): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const checkCommand of commands) {
    const { options } = resolveGoal('perf-check', { checkCommand, settings })
    const [first] = results
    const context: CheckContext = {
      workspace: await projects.make({}),
      options,
      signal: new AbortController().signal,
      pinned: first?.command ?? null,
      firstMeasurement: first?.measurement ?? null,
    }
    results.push(await perfCheck.check(context))
  }
  return results
}

test('with max_ratio the first check is its own baseline: red, not broken', async () => {
  const settings = { max_ratio: 0.5, runs: 1, warmup: 0 }
  const [first, same, faster] = await inOneRun(['sleep 0.4', 'sleep 0.4', 'true'], settings)
  expect(first).toMatchObject({ achieved: false, broken: false, measurement: { baseline: null } })
  expect(first?.reason).toMatch(/^baseline \d+ ms, target \d+ ms$/)
  expect(first?.measurement?.target).toBeCloseTo((first?.measurement?.value ?? 0) / 2, 2)
  expect(same).toMatchObject({ achieved: false, measurement: { baseline: first?.measurement?.value } })
  expect(faster).toMatchObject({ achieved: true, measurement: { target: first?.measurement?.target } })
  expect(faster?.reason).toMatch(/ within the target of \d+ ms, 0\.\d+ of the \d+ ms at the start$/)
})

test('without a first time to compare with the check is broken, not endless', async () => {
  const [first, next] = await inOneRun(['exit 1', 'true'], { max_ratio: 0.5 })
  expect(first).toMatchObject({ achieved: false, broken: true })
  expect(first?.reason).toContain('must succeed there')
  expect(next).toMatchObject({ achieved: false, broken: true })
})

test.each([
  [{}, 'max_seconds'],
  [{ runs: 3 }, 'max_seconds'],
  [{ max_seconds: 0 }, 'max_seconds'],
  [{ max_seconds: 1, runs: 51 }, 'runs'],
  [{ max_seconds: 1, warmup: -1 }, 'warmup'],
  [{ max_seconds: 1, seconds: 2 }, 'seconds'],
])('%j is refused, naming %s', (settings, field) => {
  expect(() => resolveGoal('perf-check', { checkCommand: 'true', settings })).toThrow(
    expect.objectContaining({
      code: 'invalid',
      fields: [expect.objectContaining({ pointer: `/goal_options/${field}` })],
    }),
  )
})

test('the benchmark and the tests are protected, the work is not', async () => {
  const workspace = await projects.make({ 'bench.py': '', 'lib.py': '' })
  const start = await projectAt(workspace, (await workspace.snapshot())!)
  const protect = (checkCommand: string) =>
    perfCheck.protect(
      resolveGoal('perf-check', { checkCommand, settings: { max_seconds: 1 } }).options,
      workspace,
      start,
    )
  expect(await protect('python bench.py lib.py')).toEqual(['bench.py'])
  expect(await protect('python lib.py')).toEqual([])
})

test('times read as exactly as they are compared', () => {
  expect([0.4216, 9.5, 42.25, 812.4, 12_345].map(shownMs)).toEqual([
    '0.422 ms',
    '9.5 ms',
    '42.3 ms',
    '812 ms',
    '12.35 s',
  ])
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
})
