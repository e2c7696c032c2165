// Several goals at once: all must hold, and one check runs them all, so that fixing one and breaking another shows.
import { addTests, type CheckTests } from './check-tests.ts'
import type { CheckContext, CheckResult, Goal, GoalOptions } from './goal.ts'

export interface OneGoal {
  goal: Goal
  options: GoalOptions
}

/** A goal like any other. Its options are those of its parts; what `check` is given only tells the time limit. */
export function allOf(parts: OneGoal[]): Goal {
  const labels = labelsOf(parts)
  const all = <T>(pick: (goal: Goal) => T[] | undefined) => parts.flatMap(({ goal }) => pick(goal) ?? [])
  return {
    name: labels.join(' + '),
    title: parts.map(({ goal }) => goal.title).join('; '),
    description: `All of ${labels.join(', ')} must hold`,
    needsCommand: false,
    isJudged: parts.some(({ goal }) => goal.isJudged),
    protectKeys: all(goal => goal.protectKeys),
    governs: all(goal => goal.governs),
    tool: {
      programs: all(goal => goal.tool?.programs),
      pythonModules: all(goal => goal.tool?.pythonModules),
      npmPackages: all(goal => goal.tool?.npmPackages),
      homeFiles: all(goal => goal.tool?.homeFiles),
    },
    ...silencesOf(parts),
    ...partsOf(parts),
    async protect(_options, workspace, start) {
      const patterns = await Promise.all(
        parts.map(({ goal, options }) => goal.protect(options, workspace, start)),
      )
      return [...new Set(patterns.flat())]
    },
    prompt: () =>
      `There are ${parts.length} goals, and all must hold at once.\n\n${parts.map(({ goal, options }, i) => `${i + 1}. ${goal.prompt(options)}`).join('\n\n')}`,
    check: context => checkAll(parts, labels, context),
  }
}

function silencesOf(parts: OneGoal[]): Pick<Goal, 'silences'> {
  const patterns = parts.flatMap(({ goal }) => goal.silences ?? [])
  return patterns.length === 0 ? {} : { silences: new RegExp(patterns.map(({ source }) => source).join('|')) }
}

/** Each looks at what the one before left. */
function partsOf(parts: OneGoal[]): Pick<Goal, 'protectParts'> {
  const hooks = parts.flatMap(({ goal }) => goal.protectParts ?? [])
  if (hooks.length === 0) return {}
  return {
    protectParts(path, base, current) {
      const text = hooks.reduce((kept, hook) => hook(path, base, kept) ?? kept, current)
      return text === current ? null : text
    },
  }
}

/** Names of the parts; a goal that comes twice gets a number. */
function labelsOf(parts: OneGoal[]): string[] {
  const seen = new Map<string, number>()
  return parts.map(({ goal }) => {
    const count = (seen.get(goal.name) ?? 0) + 1
    seen.set(goal.name, count)
    return count === 1 ? goal.name : `${goal.name} ${count}`
  })
}

/** One after the other, also when one fails: the agent is to see all that is wrong. */
async function checkAll(parts: OneGoal[], labels: string[], context: CheckContext): Promise<CheckResult> {
  const first = context.firstParts?.length === parts.length ? context.firstParts : null
  const results: (CheckResult & { goal: string })[] = []
  for (const [index, { goal, options }] of parts.entries()) {
    context.signal.throwIfAborted()
    context.onOutput?.(`── ${labels[index]}\n`)
    const result = await goal.check({
      ...context,
      options,
      pinned: first?.[index]?.command || null,
      firstMeasurement: first?.[index]?.measurement ?? null,
    })
    results.push({ ...result, goal: labels[index]! })
  }
  return merged(results)
}

/** Between the commands of the parts, and part of what a person would type. */
const SEPARATOR = ' ; '

function merged(results: (CheckResult & { goal: string })[]): CheckResult {
  const failed = results.filter(({ achieved }) => !achieved)
  const broken = results.filter(one => one.broken)
  const shown = failed.length > 0 ? failed : results
  const bytes = results.reduce((sum, one) => sum + one.bytes, 0)
  return {
    achieved: failed.length === 0,
    broken: broken.length > 0,
    reason: (broken.length > 0 ? broken : shown).map(({ goal, reason }) => `${goal}: ${reason}`).join('; '),
    command: results.map(({ command }) => command).join(SEPARATOR),
    exitCode: (failed[0] ?? results[0])?.exitCode ?? null,
    durationMs: results.reduce((sum, one) => sum + one.durationMs, 0),
    output: results.map(({ goal, output }) => `── ${goal}\n${output}`).join('\n'),
    truncated: results.some(({ truncated }) => truncated),
    bytes,
    tests: addTests(results.map(({ goal, tests }) => tests && named(goal, tests))),
    parts: results,
    tools: results.flatMap(({ tools }) => tools ?? []),
    ...(results.some(({ judged }) => judged) ? { judged: true } : {}),
  }
}

function named(goal: string, tests: CheckTests): CheckTests {
  return {
    ...tests,
    failing: tests.failing.map(name => `${goal}: ${name}`),
    cases: tests.cases.map(one => ({ ...one, name: `${goal}: ${one.name}` })),
  }
}
