// A command under a time: absolutely, or against what it took at the start of the same run on the same machine.
import { z } from 'zod'
import { literally } from '../workspace/match-paths.ts'
import { baseName, callsIn } from './command-line.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { type CheckContext, type CheckResult, defineGoal, type GoalOptions } from './goal.ts'
import { shownMs, timeMeasured } from './measure.ts'
import { runTests } from './run-tests.ts'
import { runnersOf, scriptsOf, shellGoal } from './shell-goal.ts'

const Settings = z
  .strictObject({
    max_seconds: z
      .number()
      .positive()
      .max(7200)
      .optional()
      .describe('The median must not be above this many seconds'),
    max_ratio: z
      .number()
      .positive()
      .max(10)
      .optional()
      .describe(
        'The median must not be above this share of the median at the start of the run: 0.5 is twice as fast',
      ),
    runs: z.number().int().min(1).max(50).default(5).describe('How often the command is measured'),
    warmup: z.number().int().min(0).max(10).default(1).describe('How often it runs before that, unmeasured'),
  })
  .refine(({ max_seconds, max_ratio }) => max_seconds !== undefined || max_ratio !== undefined, {
    message: 'give max_seconds, max_ratio or both: without a limit nothing is too slow',
    path: ['max_seconds'],
  })
type Settings = z.infer<typeof Settings>
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

export const perfCheck = defineGoal({
  name: 'perf-check',
  title: 'A command is fast enough',
  description:
    'Measures the check_command several times; the median must be under max_seconds, or under max_ratio of what it was at the start.',
  needsCommand: true,
  settings: Settings,

  async protect(options, workspace, start) {
    const found = await shellGoal.protect(options, workspace, start)
    const words = new Set(callsIn(options.checkCommand ?? '').flat())
    const benchmarks: string[] = []
    for (const word of [...words].map(word => word.replace(/^(\.\/)+/, '')))
      if (isNamedAsBenchmark(word) && start.paths.has(word)) benchmarks.push(literally(word))
    return [...new Set([...found, ...benchmarks])]
  },

  prompt(options) {
    const { max_seconds, max_ratio, runs, warmup } = settingsOf(options)
    const goal = options.text === 'perf-check' ? '' : `The goal: ${options.text}\n\n`
    const limits = [
      max_seconds !== undefined && `at most ${max_seconds} seconds`,
      max_ratio !== undefined && `at most ${max_ratio} times what it took at the start of this run`,
    ].filter(limit => limit !== false)
    const warm = warmup > 0 ? ` after ${warmup} unmeasured` : ''
    return (
      `${goal}It is judged by how long \`${options.checkCommand}\` takes: the median of ${runs} runs${warm} must be ${limits.join(' and ')}. ` +
      'The server itself measures it after each of your attempts, and every run must succeed. The work must stay the ' +
      'same: make it faster, do not make it do less. Changes to the tests, benchmarks and scripts that the command consists of do not count.'
    )
  },

  async check(context) {
    const command = context.options.checkCommand
    if (command === null) return brokenCheck('', 'This goal needs a check_command')
    const settings = settingsOf(context.options)
    if (settings.max_ratio !== undefined && context.pinned && !context.firstMeasurement)
      return brokenCheck(
        command,
        'The first check of this run measured nothing, so there is nothing to compare with',
      )
    return measure(context, command, settings)
  },
})

const isNamedAsBenchmark = (path: string) =>
  !path.split('/').includes('..') && /(^|[._-])(bench|benchmarks?|perf)([._-]|$)/i.test(baseName(path))

async function measure(context: CheckContext, command: string, settings: Settings): Promise<CheckResult> {
  const { workspace, options, onOutput } = context
  const { runs, warmup } = settings
  const scripts = await scriptsOf(workspace)
  const runners = await runnersOf(command, workspace)
  const began = performance.now()
  const times: string[] = []
  const samples: number[] = []
  // How long a run may take is for the median to say; what else was asked for must hold in each.
  const { max_seconds: _, ...condition } = options.successCondition ?? {}
  for (let i = 0; i < warmup + runs; i++) {
    const left = options.timeoutMs - (performance.now() - began)
    const one: CheckContext = {
      ...context,
      options: {
        ...options,
        timeoutMs: Math.max(1, left),
        successCondition: options.successCondition && condition,
      },
    }
    const { run, tests, isUnfinished } = await runTests(one, {
      command,
      scripts,
      runners,
      // A report of the tests would be measured too.
      probe: null,
      env: { CI: 'true', PYTHONDONTWRITEBYTECODE: '1' },
    })
    const label = i < warmup ? `warm-up ${i + 1} of ${warmup}` : `run ${i + 1 - warmup} of ${runs}`
    times.push(`${label}: ${shownMs(run.durationMs)}\n`)
    onOutput?.(`── ${times.at(-1)}`)
    const broken = run.timedOut ? null : (commandProblem(command, run) ?? null)
    const done = await finishCheck(run.timedOut ? context : one, {
      command,
      run,
      tests,
      isUnfinished,
      broken,
    })
    const result = { ...done, durationMs: performance.now() - began }
    const more = run.timedOut ? ` (in ${label})` : ''
    if (!done.achieved)
      return withoutBaseline(context, settings, { ...result, reason: `${done.reason}${more}` })
    if (i >= warmup) samples.push(run.durationMs)
    if (i + 1 === warmup + runs) return measured(context, settings, { samples, times, result })
  }
  throw new Error('there is at least one run')
}

/** A failing command is not fast. At the start it also leaves nothing to compare with, which no attempt could make good. */
function withoutBaseline(context: CheckContext, { max_ratio }: Settings, result: CheckResult): CheckResult {
  if (max_ratio === undefined || result.broken || context.firstMeasurement) return result
  const reason = `${result.reason}: max_ratio compares with the time at the start of the run, so the command must succeed there; repair it first, or give max_seconds alone`
  return { ...result, broken: true, reason }
}

function measured(
  context: CheckContext,
  { max_seconds, max_ratio }: Settings,
  { samples, times, result }: { samples: number[]; times: string[]; result: CheckResult },
): CheckResult {
  const { firstMeasurement, options } = context
  const isFirst = !firstMeasurement
  const own = timeMeasured(samples, { target: 0, first: firstMeasurement })
  const baseline = firstMeasurement?.value ?? own.value
  const limits = [
    max_seconds !== undefined && max_seconds * 1000,
    max_ratio !== undefined && max_ratio * baseline,
    options.successCondition?.max_seconds !== undefined && options.successCondition.max_seconds * 1000,
  ].filter(limit => limit !== false)
  const measurement = timeMeasured(samples, { target: Math.min(...limits), first: firstMeasurement })
  const { value, target, name } = measurement
  const achieved = value <= target
  const against =
    max_ratio === undefined || isFirst
      ? ''
      : `, ${Number((value / baseline).toFixed(3))} of the ${shownMs(baseline)} at the start`
  const reason =
    isFirst && max_ratio !== undefined
      ? `baseline ${shownMs(value)}, target ${shownMs(target)}`
      : `${shownMs(value)} (${name}), ${achieved ? 'within' : 'above'} the target of ${shownMs(target)}${against}`
  const head = times.join('')
  return {
    ...result,
    achieved,
    reason,
    measurement,
    output: `${head}\n${result.output}`,
    bytes: result.bytes + Buffer.byteLength(head) + 1,
  }
}
