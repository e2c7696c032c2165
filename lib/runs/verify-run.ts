// The check of a run once more, on its directory or on a copy elsewhere, held against what is kept of it: does the verdict
// still hold, and is it the same work?
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { EventOf } from '#lib/contract/event'
import type { CheckEvidence, Verification } from '#lib/contract/evidence'
import { isFinal } from '#lib/contract/runs'
import { AppError } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import { judge, type Verdict } from '#lib/verdict/judge'
import { isProtected } from '#lib/verdict/protected-states'
import type { SnapshotFile, Workspace } from '#lib/workspace/workspace'
import { openOptions, sandboxOf } from './command-freedom.ts'
import { evidenceStore } from './evidence-store.ts'
import { briefingOf, type LiveRunParts } from './live-run.ts'

/** Installed packages are in no snapshot; a fresh copy borrows them. */
const BORROWED = ['node_modules', '.venv', 'venv', 'vendor']
const MAX_FILES = 200
const OUTPUT_CHARS = 60_000

export interface VerifyOptions {
  record: RunRecord
  /** The first check of the run, with which every test is compared. */
  first: EventOf<'goal_check'>
  /** What is held against: of the last check, or of the only one. */
  evidence: CheckEvidence
  cwd: string | undefined
  isCheckout: boolean
  signal: AbortSignal
}

/** Rejects with AppError when it cannot be checked there at all; a check that cannot run there is an answer. */
export async function verifyRun(options: VerifyOptions, parts: LiveRunParts): Promise<Verification> {
  const { record, evidence, cwd, isCheckout } = options
  if (record.request.judged)
    throw new AppError('conflict', 'A model judged this run, and no command can repeat what it said')
  if (!isFinal(record.status) && cwd === undefined && !isCheckout)
    throw new AppError(
      'conflict',
      'The run is at work in its directory; wait for its end, or verify a checkout',
    )
  if (isCheckout && cwd !== undefined)
    throw new AppError(
      'invalid',
      'cwd and checkout exclude each other: a checkout has a directory of its own',
      {
        fields: [{ pointer: '/checkout', detail: 'a checkout has a directory of its own' }],
      },
    )
  if (!isCheckout) return verifyIn(cwd ?? record.cwd, options, parts)
  if (evidence.tree === null)
    throw new AppError('not_found', 'There is no snapshot of what was judged, so nothing can be checked out')
  const folder = await mkdtemp(path.join(tmpdir(), 'retrai-verify-'))
  try {
    await parts.workspaces.snapshotsOf(record.cwd).checkOut(evidence.tree, folder, options.signal)
    for (const name of BORROWED) await borrow(path.join(record.cwd, name), path.join(folder, name))
    return await verifyIn(folder, options, parts)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function borrow(from: string, to: string): Promise<void> {
  const isThere = async (file: string) => (await stat(file).catch(() => null)) !== null
  if ((await isThere(from)) && !(await isThere(to))) await symlink(from, to)
}

async function verifyIn(
  cwd: string,
  { record, first, evidence, signal }: VerifyOptions,
  parts: LiveRunParts,
): Promise<Verification> {
  const workspace = await parts.workspaces.open(cwd, { ...openOptions(record), snapshotsOf: record.cwd })
  const files = await compareFiles(workspace, record, { evidence, signal }, parts)
  const { goal, options } = briefingOf(record, parts)
  const kept = evidenceStore(parts.store, record.id)
  const now = await judge({
    goal,
    options,
    workspace,
    protect: record.request.protect,
    base: evidence.base,
    previous: null,
    first: evidence.baseline ? null : first.payload,
    confirm: 0,
    about: {
      run_id: record.id,
      iteration: evidence.iteration,
      goal: record.goal,
      sandbox: sandboxOf(record, parts.sandbox),
      version: parts.version,
      variables: [],
    },
    // What is kept of the run stays as it was: this is another look, not another check of the run.
    evidence: { get: kept.get, put: async () => '' },
    work: null,
    written: evidence.written ? { ...evidence.written, explanation: '' } : null,
    // It was taken of the run's own directory, and another one has other packages.
    fingerprint: null,
    stateDir: path.join(parts.dataDir, 'protected', record.id),
    signal,
    onOutput: () => {},
  })
  const differences = [...fileDifferences(files), ...verdictDifferences(evidence, now)]
  const agrees = differences.length === 0
  return {
    run_id: record.id,
    agrees,
    reason: agrees ? sentence(evidence) : differences.join(' '),
    cwd: workspace.root,
    iteration: evidence.iteration,
    files: { ...files, changed: files.changed.slice(0, MAX_FILES) },
    was: {
      achieved: evidence.achieved,
      reason: evidence.reason,
      checked_at: evidence.checked_at,
      passed: evidence.tests?.passed ?? null,
      failed: evidence.tests?.failed ?? null,
    },
    now: {
      achieved: now.achieved,
      broken: now.broken,
      reason: now.reason,
      command: now.command,
      exit_code: now.exit_code,
      duration_ms: now.duration_ms,
      output: now.output.slice(-OUTPUT_CHARS),
      passed: now.tests?.passed ?? null,
      failed: now.tests?.failed ?? null,
      flags: now.flags,
    },
    differences,
  }
}

type Files = Verification['files']

async function compareFiles(
  workspace: Workspace,
  record: RunRecord,
  { evidence, signal }: Pick<VerifyOptions, 'evidence' | 'signal'>,
  { workspaces }: LiveRunParts,
): Promise<Files> {
  const tree = evidence.tree && (await workspace.snapshot(signal))
  if (!evidence.tree || !tree) return { same: null, changed: [], protected_changed: [] }
  if (tree === evidence.tree) return { same: true, changed: [], protected_changed: [] }
  const judged = byPath(await workspaces.snapshotsOf(record.cwd).filesIn(evidence.tree, signal))
  const found = byPath(await workspace.filesIn(tree, signal))
  const paths = [...new Set([...judged.keys(), ...found.keys()])].toSorted()
  const changed = paths.filter(file => judged.get(file) !== found.get(file))
  return {
    same: changed.length === 0,
    changed,
    protected_changed: changed.filter(file => isProtected(evidence, file)).slice(0, MAX_FILES),
  }
}

/** A link and a file of the same bytes are not the same; who may execute a file matters as well. */
const byPath = (files: SnapshotFile[]) =>
  new Map(files.map(({ path, mode, blob }) => [path, `${mode} ${blob}`]))

function fileDifferences({ same, changed, protected_changed }: Files): string[] {
  if (same !== false) return []
  const names = (list: string[]) =>
    `${list.slice(0, 5).join(', ')}${list.length > 5 ? ` and ${list.length - 5} more` : ''}`
  return [
    `The files are not those that were judged: ${names(changed)} ${changed.length === 1 ? 'differs' : 'differ'}.`,
    ...(protected_changed.length > 0 ? [`Of the check itself: ${names(protected_changed)}.`] : []),
  ]
}

function verdictDifferences(was: CheckEvidence, now: Verdict): string[] {
  const found: string[] = []
  if (now.broken && !was.broken) found.push(`The check cannot run here: ${now.reason}.`)
  else if (was.achieved !== now.achieved)
    found.push(
      now.achieved
        ? `It was not achieved then (${was.reason}), and is now: ${now.reason}.`
        : `It was achieved then (${was.reason}), and is not now: ${now.reason}.`,
    )
  if (!was.tests || !now.tests) return found
  const before = new Set(was.tests.failing)
  const after = new Set(now.tests.failing)
  const broke = now.tests.failing.filter(name => !before.has(name))
  const mended = was.tests.failing.filter(name => !after.has(name))
  if (broke.length > 0) found.push(`Failing only now: ${broke.slice(0, 10).join(', ')}.`)
  if (mended.length > 0) found.push(`Failing only then: ${mended.slice(0, 10).join(', ')}.`)
  if (was.tests.total !== now.tests.total)
    found.push(`${was.tests.total} ${was.tests.unit} then, ${now.tests.total} now.`)
  return found
}

const sentence = ({ achieved, reason }: CheckEvidence) =>
  `The same check on the same files says the same: ${achieved ? 'achieved' : 'not achieved'}, ${reason}`
