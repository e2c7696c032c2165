// One verdict: the goal's check on the directory as it is now, with the protected files as they were at the start.
import type { Payload } from '#lib/contract/event'
import type { Flag, TestCounts } from '#lib/contract/events/shared'
import type { Protect } from '#lib/contract/runs'
import { runCheck } from '#lib/goals/check-goal'
import type { CheckTests } from '#lib/goals/check-tests'
import { compareTests } from '#lib/goals/compare-tests'
import type { CheckResult, Goal, GoalOptions } from '#lib/goals/goal'
import { cutForModel } from '#lib/workspace/cut-output'
import { withProtectedFiles } from '#lib/workspace/protected-files'
import type { Workspace } from '#lib/workspace/workspace'
import { removeBytecode } from './bytecode.ts'
import { beginIntegrity, integrityFlags } from './integrity.ts'

/** The goal's verdict on the directory as it is now. */
export type Verdict = Omit<Payload<'goal_check'>, 'baseline'>

/** Characters of the check's output kept as evidence in the journal. */
const OUTPUT_KEPT = 60_000

export interface Judging {
  goal: Goal
  options: GoalOptions
  workspace: Workspace
  protect: Protect
  /** Snapshot at the start of the run; null: nothing can be protected, and flags say so. */
  base: string | null
  /** The tests as they were at the check before. */
  previous: Pick<TestCounts, 'failing'> | null
  /** The first check of the run; null: this is it. */
  first: Payload<'goal_check'> | null
  /** Where the agent's versions are kept while the protected ones are in place. */
  stateDir: string
  /** Where this run's fingerprint of tool and dependencies is kept; null: they are not looked at. */
  fingerprint: string | null
  signal: AbortSignal
  onOutput(chunk: string): void
}

export async function judge(judging: Judging): Promise<Verdict> {
  const { goal, options, workspace, protect, base, first, signal, onOutput } = judging
  const tree = await workspace.snapshot(signal)
  const check = () =>
    runCheck({
      goal,
      options,
      workspace,
      signal,
      onOutput,
      pinned: first?.command ?? null,
      firstMeasurement: first?.measurement ?? null,
    })
  const checked = async () =>
    base && tree ? await withStartingTests(judging, tree, check) : { result: await check(), flags: [] }
  const { fingerprint } = judging
  const integrity = fingerprint === null ? null : { ...judging, fingerprint }
  if (first !== null && integrity && protect !== 'off' && goal.tool?.pythonModules?.length)
    await removeBytecode(workspace, signal)
  const [{ result, flags }, begun] = await Promise.all([
    checked(),
    first === null && integrity ? beginIntegrity(integrity) : [],
  ])
  flags.push(...begun)
  if (result.achieved && first !== null && integrity)
    flags.push(...(await integrityFlags(integrity, { result, tree, first })))
  return toVerdict(judging, result, flags, tree)
}

async function withStartingTests(
  { goal, options, workspace, protect, base, stateDir }: Judging,
  tree: string,
  run: () => Promise<CheckResult>,
) {
  const patterns = Array.isArray(protect) ? protect : await goal.protect(options, workspace)
  return withProtectedFiles({
    workspace,
    baseTree: base!, // checked by the caller
    currentTree: tree,
    patterns,
    keys: Array.isArray(protect) ? [] : (goal.protectKeys ?? []),
    mode: Array.isArray(protect) ? 'enforce' : protect,
    stateDir,
    run,
  })
}

function toVerdict(
  { previous, first }: Judging,
  result: CheckResult,
  flags: Flag[],
  tree: string | null,
): Verdict {
  const kept = cutForModel(result.output, OUTPUT_KEPT)
  const blocking = flags.find(flag => flag.blocks)
  return {
    achieved: result.achieved && !blocking,
    reason:
      result.achieved && blocking
        ? `${result.reason}, but this does not count: ${blocking.detail}`
        : result.reason,
    command: result.command,
    exit_code: result.exitCode,
    duration_ms: Math.round(result.durationMs),
    output: kept.text,
    truncated: result.truncated || kept.truncated,
    bytes: result.bytes,
    tests: compareTests(previous, result.tests),
    flags: [...flags, ...testFlags(first?.tests ?? null, result.tests)],
    broken: result.broken,
    tree,
  }
}

/** Fewer tests, or more of them skipped, than at the first check. */
function testFlags(first: TestCounts | null, now: CheckTests | null): Flag[] {
  if (!first || !now) return []
  const flags: Flag[] = []
  if (now.total < first.total) {
    const detail = `${now.total} tests ran, ${first.total} at the start.`
    flags.push({ code: now.total === 0 ? 'no_tests' : 'fewer_tests', path: null, detail })
  }
  if (now.skipped > first.skipped) {
    const detail = `${now.skipped} tests are skipped, ${first.skipped} at the start.`
    flags.push({ code: 'test_skipped', path: null, detail })
  }
  return flags
}
