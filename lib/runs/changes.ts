// What a run changed in its directory, from the snapshots its journal names.
import type { RunEvent } from '#lib/contract/event'
import type { RunDiff } from '#lib/contract/run-history'
import { isFinal } from '#lib/contract/runs'
import { AppError, isAppError } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import type { Workspace } from '#lib/workspace/workspace'

export const SNAPSHOT_KINDS = ['run_start', 'iteration_complete']

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
  workspace: Workspace,
  range: Range,
): Promise<RunDiff | null> {
  const start = events.find(event => event.kind === 'run_start')
  if (!start?.payload.base) return null
  const trees = new Map<number, string>([[0, start.payload.base]])
  for (const event of events) {
    if (event.kind === 'iteration_complete' && event.payload.tree)
      trees.set(event.iteration, event.payload.tree)
  }
  const furthest = range.to ?? range.from
  if (furthest !== null && furthest > record.iteration) {
    throw new AppError('not_found', `Run ${record.id} has no iteration ${furthest} yet`)
  }
  const last = Math.max(...trees.keys())
  // An ended run is shown as it ended, whatever happened to the directory since; an aborted one ended in the middle.
  const isSettled = isFinal(record.status) && record.status !== 'aborted'
  const complete = range.to === null ? undefined : trees.get(range.to)
  const to = complete ?? (isSettled ? trees.get(last) : await nowOr(trees.get(last), workspace))
  const from = range.from === null ? trees.get(0) : trees.get(Math.min(range.from - 1, last))
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

function resultOf(events: RunEvent[]): string | null {
  const last = events.findLast(event => event.kind === 'iteration_complete' && event.payload.tree)
  if (last?.kind === 'iteration_complete') return last.payload.tree ?? null
  const start = events.find(event => event.kind === 'run_start')
  return start?.payload.base ?? null
}

/** The directory as it is; while the disk is full, as it was when it was last stored: reading goes on. */
async function nowOr(last: string | undefined, workspace: Workspace): Promise<string | null | undefined> {
  return workspace.snapshot().catch(error => {
    if (isAppError(error) && error.code === 'disk_full') return last
    throw error
  })
}
