// What is protected in a run: what its goal names, what its check command consists of, and what the user said of both.
import type { Protect } from '#lib/contract/runs'
import { checkFiles } from '#lib/goals/check-files'
import type { Goal, GoalOptions } from '#lib/goals/goal'
import { projectAt } from '#lib/goals/project-at-start'
import { rustTestsPutBack } from '#lib/goals/rust-tests'
import { changesInTest } from '#lib/goals/test-changes'
import { shadowsOf } from '#lib/goals/test-shadows'
import type { Protection } from '#lib/workspace/protection'
import type { Workspace } from '#lib/workspace/workspace'

export interface Protecting {
  goal: Goal
  options: GoalOptions
  workspace: Workspace
  protect: Protect
  /** Snapshot at the start of the run. */
  base: string
  /** What the first check ran; null at that first check. */
  command: string | null
  signal: AbortSignal
}

/** Found out on the project as it was at the start, and so the same at every check of a run. */
export async function protectionOf({
  goal,
  options,
  workspace,
  protect,
  base,
  command,
  signal,
}: Protecting): Promise<Protection> {
  if (protect === 'off') return { patterns: [], keys: [] }
  const start = await projectAt(workspace, base, signal)
  const own = await checkFiles(options.checkCommand ?? command ?? usualCommand(goal), start)
  const given = Array.isArray(protect) ? protect : []
  const wanted = given.filter(pattern => !pattern.startsWith('!'))
  // What judges is no test that could be chosen, so it stays unless it is named with a !.
  const tests = wanted.length > 0 ? wanted : await goal.protect(options, workspace, start)
  return {
    patterns: [...new Set([...tests, ...own.patterns, ...given])],
    governs: goal.governs ?? [],
    keys: [...(goal.protectKeys ?? []), ...own.keys],
    mentioned: own.mentioned,
    parts: goal.protectParts ?? rustTestsPutBack,
    inspect: changesInTest,
    shadows: added => shadowsOf(added, start),
  }
}

/** Before the first check has said what it runs. */
const usualCommand = ({ name }: Goal) =>
  name === 'npm-test' ? 'npm test' : name === 'make-test' ? 'make test' : ''

/** How the flags are meant. */
export const modeOf = (protect: Protect) => (Array.isArray(protect) ? 'enforce' : protect)
