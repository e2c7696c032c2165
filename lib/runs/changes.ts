// What a run changed in its directory, from the snapshots its journal names.
import type { RunEvent } from '#lib/contract/event'
import type { DiffQuery, RunDiff } from '#lib/contract/run-history'
import { isFinal } from '#lib/contract/runs'
import { AppError, isAppError } from '#lib/errors'
import type { RunRecord } from '#lib/store/types'
import type { Workspace } from '#lib/workspace/workspace'

export const SNAPSHOT_KINDS = ['run_start', 'iteration_complete']

const MAX_PATCH_BYTES = 2 << 20

/** Null when there are no snapshots. A part is an iteration, the one in progress included, or reaches from one to another. */
export async function changesOf(
  record: RunRecord,
  events: RunEvent[],
  workspace: Pick<Workspace, 'diff' | 'snapshot'>,
  part: Pick<DiffQuery, 'iteration' | 'from' | 'to'>,
): Promise<RunDiff | null> {
  const start = events.find(event => event.kind === 'run_start')
  if (!start?.payload.base) return null
  const trees = new Map<number, string>([[0, start.payload.base]])
  for (const event of events) {
    if (event.kind === 'iteration_complete' && event.payload.tree)
      trees.set(event.iteration, event.payload.tree)
  }
  const { begin, end } = endsOf(part, record)
  const last = Math.max(...trees.keys())
  // An ended run is shown as it ended, whatever happened to the directory since; an aborted one ended in the middle.
  const isSettled = isFinal(record.status) && record.status !== 'aborted'
  const to =
    end !== undefined && trees.has(end)
      ? trees.get(end)
      : isSettled
        ? trees.get(last)
        : await nowOr(trees.get(last), workspace)
  const from = trees.get(Math.min(begin, last))
  if (!from || !to) return null
  const { stat, patch, truncated } = await workspace.diff(from, to, { maxPatchBytes: MAX_PATCH_BYTES })
  return { stat, patch, truncated, diff_hash: to }
}

/** After which iteration what is asked for begins and ends; 0 is the start, and no end is now. */
function endsOf(
  { iteration, from, to }: Pick<DiffQuery, 'iteration' | 'from' | 'to'>,
  { id, iteration: reached }: RunRecord,
): { begin: number; end: number | undefined } {
  const unknown = [iteration, from, to].find(asked => asked !== undefined && asked > reached)
  if (unknown !== undefined) throw new AppError('not_found', `Run ${id} has no iteration ${unknown} yet`)
  if (iteration === undefined) return { begin: from ?? 0, end: to }
  if (from !== undefined || to !== undefined)
    throw new AppError('bad_query', 'iteration: is from the one before to this one; leave from and to out')
  return { begin: iteration - 1, end: iteration }
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
async function nowOr(
  last: string | undefined,
  workspace: Pick<Workspace, 'snapshot'>,
): Promise<string | null | undefined> {
  return workspace.snapshot().catch(error => {
    if (isAppError(error) && error.code === 'disk_full') return last
    throw error
  })
}
