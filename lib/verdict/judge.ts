// One verdict: the goal's check on the directory as it is now, with the protected files as they were at the start, held
// against the tests of the start, run again where that was asked for, and kept as evidence.
import type { Payload } from '#lib/contract/event'
import type { Flag, TestCounts } from '#lib/contract/events/shared'
import type { CheckEvidence } from '#lib/contract/evidence'
import type { Protect } from '#lib/contract/runs'
import { runCheck } from '#lib/goals/check-goal'
import { compareTests } from '#lib/goals/compare-tests'
import type { CheckResult, Goal, GoalOptions, Work, WrittenCheck } from '#lib/goals/goal'
import { cutForModel } from '#lib/workspace/cut-output'
import { withProtectedFiles } from '#lib/workspace/protected-files'
import type { Protection } from '#lib/workspace/protection'
import { withVersions } from '#lib/workspace/swapped-files'
import type { Workspace } from '#lib/workspace/workspace'
import { countsOf, flagsAgainstStart } from './against-start.ts'
import { removeBytecode } from './bytecode.ts'
import { checkedOf, platform } from './evidence.ts'
import { beginIntegrity, integrityFlags } from './integrity.ts'
import { partOf } from './part.ts'
import { protectedStates } from './protected-states.ts'
import { modeOf, protectionOf } from './protection.ts'
import { usedTools } from './used-tools.ts'

/** The goal's verdict on the directory as it is now. */
export type Verdict = Omit<Payload<'goal_check'>, 'baseline'>

/** Characters of the check's output kept in the journal; the evidence has all of it. */
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
  /** How often a green check is run again. */
  confirm: number
  /** What the evidence says besides what was found. */
  about: Pick<CheckEvidence, 'run_id' | 'iteration' | 'goal'> & {
    sandbox: string
    version: string
    /** Names of the variables that the check is given. */
    variables: string[]
  }
  evidence: EvidenceStore
  work: Work | null
  /** The check that was written for this run, if its goal has one written. */
  written: WrittenCheck | null
  /** Where the agent's versions are kept while the protected ones are in place. */
  stateDir: string
  /** Where this run's fingerprint of tool and dependencies is kept; null: they are not looked at. */
  fingerprint: string | null
  signal: AbortSignal
  onOutput(chunk: string): void
}

export interface EvidenceStore {
  /** Resolves with the digest once it is stored. */
  put(evidence: CheckEvidence): Promise<string>
  get(digest: string): Promise<CheckEvidence | null>
}

export async function judge(judging: Judging): Promise<Verdict> {
  const { goal, workspace, base, first, protect, signal } = judging
  const tree = await workspace.snapshot(signal)
  const protection = await protectionFor(judging)
  const { patterns } = protection
  const integrity =
    judging.fingerprint === null ? null : { ...judging, patterns, fingerprint: judging.fingerprint }
  // Compiled code lies beside its source, and Python takes it unread when the times agree.
  if (first !== null && protect !== 'off' && goal.tool?.pythonModules?.length)
    await removeBytecode(workspace, signal)
  const [{ result: checks, flags: found }, begun] = await Promise.all([
    base && tree
      ? withStartingTests(judging, { tree, protection }, () => withWritten(judging))
      : withWritten(judging).then(result => ({ result, flags: unprotected(judging) })),
    first === null && integrity ? beginIntegrity(integrity) : [],
  ])
  const { result: checked } = checks
  const isToBeTrusted = checked.achieved && first !== null && integrity !== null
  const trust = isToBeTrusted ? await integrityFlags(integrity, { result: checked, tree, first }) : []
  const start = flagsAgainstStart(await testsOfStart(judging), checked.tests)
  const flags = [...weighed(protect, [...found, ...begun, ...start, ...trust]), ...flakiness(checks)]
  const result = withoutTrust(checked, flags)
  const evidence = await keep(judging, { result, checks, flags, tree, patterns })
  return toVerdict(judging, { result, checks, flags, tree, evidence })
}

/** With the files of a check that was written for this run in place. */
function withWritten(judging: Judging): Promise<Checks> {
  const { workspace, written, stateDir } = judging
  const check = () => checkAndConfirm(judging)
  if (!written) return check()
  // Whatever lies there goes away for the time of the check: it would be read beside the files of the check.
  const folders = new Set(written.files.map(({ path }) => path.split('/')[0]!))
  const versions = [
    ...[...folders].map(path => ({ path, content: null, mode: '100644' })),
    ...written.files.map(({ path, content }) => ({ path, content: Buffer.from(content), mode: '100644' })),
  ]
  return withVersions(workspace.root, stateDir, versions, check)
}

/** One goal's check, and the same again where it was green. */
interface Checks {
  result: CheckResult
  again: CheckResult[]
}

async function checkAndConfirm(judging: Judging): Promise<Checks> {
  const { goal, options, workspace, first, work, confirm, signal, onOutput } = judging
  let failure: unknown
  const asking: Work | null = work && {
    ...work,
    // The check turns whatever goes wrong into its result; that the model cannot be asked is none, and the run can wait.
    ask: question =>
      work.ask(question).catch(error => {
        failure = error
        throw error
      }),
  }
  const once = async () => {
    const result = await runCheck({
      goal,
      options,
      workspace,
      signal,
      onOutput,
      pinned: first?.command || null,
      firstMeasurement: first?.measurement ?? null,
      firstParts: first?.goals?.map(({ command, measurement = null }) => ({ command, measurement })) ?? null,
      work: asking,
      written: judging.written,
    })
    if (failure !== undefined) throw failure
    return result
  }
  const result = await once()
  const again: CheckResult[] = []
  while (result.achieved && again.length < confirm) {
    onOutput(`── once more, ${again.length + 1} of ${confirm}\n`)
    const next = await once()
    again.push(next)
    if (!next.achieved) break
  }
  return { result, again }
}

/** Green that did not stay green. */
function flakiness({ again }: Checks): Flag[] {
  const flipped = again.find(one => !one.achieved)
  if (!flipped) return []
  const names = flipped.tests?.failing.slice(0, 5).join(', ')
  const detail = `The check was green, and then, with nothing changed, not: ${flipped.reason}${names ? ` (${names})` : ''}.`
  return [{ code: 'flaky', path: null, detail, blocks: true }]
}

/** Found out on the project as it was at the start. */
function protectionFor(judging: Judging): Promise<Protection> | Protection {
  const { base, first } = judging
  if (base === null) return { patterns: [], keys: [] }
  return protectionOf({ ...judging, base, command: first?.command || null })
}

async function withStartingTests<T>(
  { workspace, protect, base, first, stateDir }: Judging,
  { tree, protection }: { tree: string; protection: Protection },
  run: () => Promise<T>,
) {
  return withProtectedFiles({
    ...protection,
    workspace,
    baseTree: base!, // checked by the caller
    currentTree: tree,
    mode: modeOf(protect),
    stateDir,
    isFirst: first === null,
    run,
  })
}

function unprotected({ protect, workspace, first }: Judging): Flag[] {
  // At the first check nothing was changed yet.
  if (protect === 'off' || first === null) return []
  const detail = `Tests are not protected: ${workspace.snapshotProblem ?? 'no snapshot could be taken'}`
  return [{ code: 'not_protected', path: null, detail }]
}

/** The tests of the first check: by name from its evidence, else by the counts in the journal. */
async function testsOfStart({ first, evidence }: Judging) {
  if (!first) return null
  const kept = first.evidence ? await evidence.get(first.evidence) : null
  return kept ? kept.tests : countsOf(first.tests)
}

/** Whoever asked for a report only gets one, and whoever switched protection off hears nothing. */
function weighed(protect: Protect, flags: Flag[]): Flag[] {
  if (protect === 'off') return []
  return protect === 'report' ? flags.map(({ blocks: _, ...flag }) => flag) : flags
}

/** Green that cannot be trusted is not green. */
function withoutTrust(result: CheckResult, flags: Flag[]): CheckResult {
  const reasons = flags.filter(flag => flag.blocks)
  const [why] = reasons
  if (!result.achieved || !why) return result
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : ''
  return {
    ...result,
    achieved: false,
    reason: `${result.reason}, but that does not count: ${why.detail}${more}`,
  }
}

interface Found {
  result: CheckResult
  checks: Checks
  flags: Flag[]
  tree: string | null
}

async function keep(
  judging: Judging,
  { result, checks, flags, tree, patterns }: Found & { patterns: string[] },
) {
  const { goal, options, workspace, protect, base, first, about, confirm, signal } = judging
  // Of the first check and of the one that counts; in between nobody looks.
  const tools =
    first === null || result.achieved ? await usedTools(result, { workspace, signal }) : (result.tools ?? [])
  const states = await protectedStates({ workspace, base, patterns, protect, flags, signal })
  return judging.evidence.put({
    version: 1,
    run_id: about.run_id,
    iteration: about.iteration,
    baseline: first === null,
    checked_at: new Date().toISOString(),
    goal: about.goal,
    goal_name: goal.name,
    ...checkedOf(result),
    ...(result.parts && { goals: result.parts.map(part => ({ goal: part.goal, ...checkedOf(part) })) }),
    confirmations: checks.again.map(one => ({
      achieved: one.achieved,
      reason: one.reason,
      exit_code: one.exitCode,
      duration_ms: Math.round(one.durationMs),
      failing: one.tests?.failing ?? [],
    })),
    ...(judging.written && { written: { command: judging.written.command, files: judging.written.files } }),
    flags,
    conditions: {
      check_timeout_seconds: options.timeoutMs / 1000,
      success_condition: options.successCondition,
      protect,
      confirm,
    },
    environment: {
      platform: platform(),
      node: process.version,
      retrai: about.version,
      sandbox: about.sandbox,
      tools,
      variables: about.variables,
    },
    ...states,
    base,
    tree,
  })
}

function toVerdict(
  { previous }: Judging,
  { result, checks, flags, tree, evidence }: Found & { evidence: string },
): Verdict {
  const kept = cutForModel(result.output, OUTPUT_KEPT)
  return {
    achieved: result.achieved,
    reason: result.reason,
    command: result.command,
    exit_code: result.exitCode,
    duration_ms: Math.round(result.durationMs),
    output: kept.text,
    truncated: result.truncated || kept.truncated,
    bytes: result.bytes,
    tests: compareTests(previous, result.tests),
    flags,
    broken: result.broken,
    tree,
    ...(result.measurement && { measurement: result.measurement }),
    ...(result.judged && { judged: true }),
    ...(result.parts && { goals: result.parts.map(partOf) }),
    ...(checks.again.length > 0 && { confirmations: checks.again.filter(one => one.achieved).length }),
    evidence,
  }
}
