// Whether a green check can be trusted: what it was judged by is what it was at the start, and the code under test does
// not reach for its judge. Looked at only when the check is green, because it costs.
import type { Flag } from '../contract/events/shared.ts'
import type { Protect } from '../contract/runs.ts'
import type { CheckResult, Goal, GoalOptions } from '../goals/goal.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { checkPrograms } from './check-programs.ts'
import { compareFingerprint, takeFingerprint } from './fingerprint.ts'
import { codeFlags } from './scan-code.ts'
import { suppressionFlags } from './suppressions.ts'
import { tamperingFlags } from './tampering.ts'
import { toolFlags } from './tool-flags.ts'

export interface IntegrityOptions {
  goal: Goal
  options: GoalOptions
  workspace: Workspace
  protect: Protect
  /** Globs of what counts as tests. */
  patterns: string[]
  /** Snapshot at the start of the run. */
  base: string | null
  /** Where this run's fingerprint is kept. */
  fingerprint: string
  signal: AbortSignal
}

/** Beside the first check. What cannot be taken cannot be compared later: that is said now. */
export async function beginIntegrity(options: IntegrityOptions): Promise<Flag[]> {
  if (options.protect === 'off') return []
  const problem = await takeFingerprint({ ...options, file: options.fingerprint })
  return problem === null ? [] : [notCompared(problem)]
}

/** After a green check that is not the `first`. `tree` is the snapshot that was checked. */
export async function integrityFlags(
  options: IntegrityOptions,
  { result, tree, first }: { result: CheckResult; tree: string | null; first: { flags: Flag[] } },
): Promise<Flag[]> {
  const { goal, workspace, base, protect, patterns, signal } = options
  if (protect === 'off') return []
  const changes = base && tree ? await workspace.changes(base, tree, signal) : []
  const { named } = await checkPrograms(options.options, workspace)
  const differences = await compareFingerprint({ ...options, file: options.fingerprint })
  const changedPaths = changes.map(({ path }) => path)
  const flags = toolFlags({ differences, tool: goal.tool ?? {}, named, changedPaths })
  if (differences.problem) {
    const wasTaken = !first.flags.some(({ code }) => code === 'not_protected')
    flags.push({
      ...notCompared(differences.problem),
      ...(wasTaken && differences.isLost && { blocks: true }),
    })
  }
  if (base && tree) {
    const trees = { workspace, base, tree, signal }
    flags.push(...(await tamperingFlags(result, trees)))
    flags.push(...(await codeFlags(trees, patterns)))
    if (goal.silences) flags.push(...(await suppressionFlags(trees, goal.silences, patterns)))
  }
  return protect === 'report' ? flags.map(({ blocks: _, ...flag }) => flag) : flags
}

const notCompared = (problem: string): Flag => ({
  code: 'not_protected',
  path: null,
  detail: `Whether the check's tool and dependencies are as they were at the start cannot be compared in full: ${problem}.`,
})
