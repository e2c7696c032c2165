import type { GoalCandidate } from '../contract/goals.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type Languages, languageOf, weighLanguages } from './languages.ts'
import { CONFIG_FILE, type ProjectConfig, readProjectConfig } from './project-config.ts'
import { goals } from './registry.ts'

/**
 * What a developer would expect to be meant by «make it work», most likely first: the tests of the project's language, then a
 * Makefile's, then type checkers and linters, and the image last. Of several languages at one root the weightier goes first.
 */
export const RANK: readonly string[] = [
  ...['pytest', 'bun-test', 'npm-test', 'vitest', 'jest', 'deno-test', 'node-test'],
  ...['cargo-test', 'go-test', 'maven-test', 'gradle-test', 'dotnet-test', 'rspec', 'phpunit'],
  'make-test',
  ...['tsc', 'pyright', 'mypy', 'eslint', 'ruff', 'lint'],
  'docker-build',
]

/** Which goals fit the project, best first: what its `.retrai.yml` says, then what its files speak for. */
export async function detectGoals(workspace: Workspace): Promise<GoalCandidate[]> {
  const named = namedBy(await readProjectConfig(workspace.root))
  const found = await foundIn(workspace)
  return [...named, ...found.filter(({ goal }) => !named.some(one => one.goal === goal))]
}

/** Several goals are one candidate each; all of them are meant when a run names none. */
function namedBy(config: ProjectConfig | null): GoalCandidate[] {
  const why = `${CONFIG_FILE} names it`
  const parts = (config?.goals ?? []).map(part => (typeof part === 'string' ? { goal: part } : part))
  if (parts.length > 0)
    return parts.map(part => ({ goal: part.goal, check_command: part.check_command ?? null, why }))
  if (config?.goal === undefined && config?.check_command === undefined) return []
  return [{ goal: config.goal ?? 'shell-goal', check_command: config.check_command ?? null, why }]
}

async function foundIn(workspace: Workspace): Promise<GoalCandidate[]> {
  const found: GoalCandidate[] = []
  for (const goal of [...goals].sort((a, b) => placeOf(a.name) - placeOf(b.name))) {
    const fits = await goal.detect?.(workspace)
    if (fits) found.push({ goal: goal.name, check_command: fits.checkCommand ?? null, why: fits.why })
  }
  const ofLanguage = found.filter(({ goal }) => languageOf(goal) !== -1)
  const hasMake = found.some(({ goal }) => goal === 'make-test')
  // The files are only looked through where there is something to decide.
  const isPlain = new Set(ofLanguage.map(({ goal }) => languageOf(goal))).size < 2 && !hasMake
  return isPlain || ofLanguage.length === 0 ? found : weightiestFirst(found, await weighLanguages(workspace))
}

/** What has no place comes last. */
function placeOf(name: string): number {
  const place = RANK.indexOf(name)
  return place === -1 ? RANK.length : place
}

/** Goals of one language stay in their order, and those of none behind them all. */
function weightiestFirst(found: GoalCandidate[], { weightOf, hasNativeCode }: Languages): GoalCandidate[] {
  const weighed = found.map(candidate => ({ candidate, weight: weightOf(candidate.goal) }))
  const ofLanguage = weighed
    .filter(({ weight }) => weight !== null)
    .sort(({ weight: a }, { weight: b }) => Number(b!.atRoot) - Number(a!.atRoot) || b!.tests - a!.tests)
  const others = weighed.filter(({ weight }) => weight === null)
  // Tests that a C project has in another language are run by its Makefile.
  const isMade = hasNativeCode && !ofLanguage.some(({ weight }) => weight!.atRoot)
  const first = isMade ? others.filter(({ candidate }) => candidate.goal === 'make-test') : []
  return [...new Set([...first, ...ofLanguage, ...others])].map(({ candidate }) => candidate)
}
