// What a run changed in its directory, from the snapshots its journal names.
import type { RunEvent } from '#lib/contract/event'
import type { RunDiff } from '#lib/contract/run-history'
import { isFinal } from '#lib/contract/runs'
import { AppError, isAppError } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import type { Workspace } from '#lib/workspace/workspace'

export const SNAPSHOT_KINDS = ['run_start', 'iteration_complete', 'iteration_undone', 'human_check_response']

const MAX_PATCH_BYTES = 2 << 20

/** Iterations whose changes are wanted, both included; null: from the start, or to how it is now. */
export interface Range {
  from: number | null
  to: number | null
}

export function rangeOf(query: { iteration?: number; from?: number; to?: number }): Range {
  const { iteration, from = null, to = null } = query
  if (iteration !== undefined) {
    if (from !== null || to !== null)
      throw new AppError('bad_query', 'iteration: names one; leave it out beside from and to')
    return { from: iteration, to: iteration }
  }
  if (from !== null && to !== null && from > to)
    throw new AppError('bad_query', `from: must be at most ${to}, which to says`)
  return { from, to }
}

/** Null when there are no snapshots. What the range changed, the iteration in progress included. */
export async function changesOf(
  record: RunRecord,
  events: RunEvent[],
  workspace: Pick<Workspace, 'diff' | 'snapshot'>,
  range: Range,
): Promise<RunDiff | null> {
  const trees = treesOf(events)
  if (trees === null) return null
  const furthest = range.to ?? range.from
  if (furthest !== null && furthest > record.iteration) {
    throw new AppError('not_found', `Run ${record.id} has no iteration ${furthest} yet`)
  }
  // An ended run is shown as it ended, whatever happened to the directory since; an aborted one ended in the middle.
  const isSettled = isFinal(record.status) && record.status !== 'aborted'
  const complete = range.to === null ? undefined : trees.ended.get(range.to)
  const to = complete ?? (isSettled ? trees.last : await nowOr(trees.last, workspace))
  const from = range.from === null ? trees.base : treeBefore(trees, range.from)
  if (!from || !to) return null
  const { stat, patch, truncated } = await workspace.diff(from, to, { maxPatchBytes: MAX_PATCH_BYTES })
  return { stat, patch, truncated, diff_hash: to }
}

/**
 * From the result of one run to the result of another; null when one has no snapshots. A run that goes on has what its last
 * complete iteration left.
 */
export async function changesBetween(
  from: { record: RunRecord; events: RunEvent[] },
  to: { record: RunRecord; events: RunEvent[] },
  workspace: Pick<Workspace, 'diff'>,
): Promise<RunDiff | null> {
  if (from.record.cwd !== to.record.cwd)
    throw new AppError(
      'bad_query',
      `against: the runs worked in different directories (${from.record.cwd} and ${to.record.cwd}), so their results cannot be compared file by file`,
    )
  const [before, after] = [resultOf(from.events), resultOf(to.events)]
  if (!before || !after) return null
  const { stat, patch, truncated } = await workspace.diff(before, after, { maxPatchBytes: MAX_PATCH_BYTES })
  return { stat, patch, truncated, diff_hash: after }
}

const resultOf = (events: RunEvent[]): string | null => treesOf(events)?.last ?? null

/** The snapshots of a run, as its journal names them. */
export interface Trees {
  /** What the run's changes are counted from. */
  base: string
  /** What its first iteration began with. */
  start: string
  /** As each iteration left the directory, before a person had it undone. */
  ended: Map<number, string>
  /** What the next iteration began with: also what a person changed at the gate. */
  after: Map<number, string>
  /** The newest of all. */
  last: string
}

/** null where none were taken. */
export function treesOf(events: RunEvent[]): Trees | null {
  const start = events.find(event => event.kind === 'run_start')
  const base = start?.payload.base
  if (!base) return null
  const found = start.payload.tree ?? base
  const trees: Trees = { base, start: found, ended: new Map(), after: new Map(), last: found }
  for (const event of events) {
    const isTold =
      event.kind === 'iteration_complete' ||
      event.kind === 'iteration_undone' ||
      event.kind === 'human_check_response'
    if (!isTold) continue
    const { tree } = event.payload
    if (!tree) continue
    if (event.kind === 'iteration_complete') trees.ended.set(event.iteration, tree)
    trees.after.set(event.iteration, tree)
    trees.last = tree
  }
  return trees
}

/** What an iteration began with: what the newest one before it left that has a snapshot. */
export function treeBefore({ start, after }: Trees, iteration: number): string {
  const earlier = [...after.keys()].filter(n => n < iteration)
  return after.get(Math.max(...earlier)) ?? start
}

/** The directory as it is; while the disk is full, as it was when it was last stored: reading goes on. */
async function nowOr(
  last: string | undefined,
  workspace: Pick<Workspace, 'snapshot'>,
): Promise<string | null | undefined> {
  return workspace.snapshot().catch(error => {
    if (isAppError(error) && error.code === 'disk_full') return last
    throw error
  })
}
