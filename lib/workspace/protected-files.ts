// «The verdict is taken with the protected files as they were at the start»: finds what the run changed of them, says so,
// and lets the check run with the versions from the start.
import type { Flag } from '../contract/events/shared.ts'
import { AppError } from '../errors.ts'
import { saysNoRoom } from '../no-room.ts'
import { type AtStart, keepAtStart, readAtStart } from './at-start.ts'
import { changedMeanwhile, watched } from './changed-meanwhile.ts'
import { hiddenNow } from './hidden-files.ts'
import { matcherOf } from './match-paths.ts'
import { changesOf } from './protected-changes.ts'
import type { ProtectedFilesOptions } from './protection.ts'
import { putBackInterrupted, type Repairs, type Version, withVersions } from './swapped-files.ts'

/**
 * Runs the check. In mode `enforce`, changed and deleted protected files are as they were at the start meanwhile;
 * afterwards the agent's own versions are back exactly, also when the check fails, is aborted or changed them itself.
 * New tests are no matter; a new file that a runner reads by its name alone is taken away like a change to one.
 */
export async function withProtectedFiles<T>(
  options: ProtectedFilesOptions<T>,
): Promise<{ result: T; flags: Flag[] }> {
  const { workspace, mode, stateDir, run, isFirst = false } = options
  if (mode === 'off') return { result: await run(), flags: [] }
  const isProtected = matcherOf(options.patterns)
  const kept = await readAtStart(stateDir)
  const atStart: AtStart | null =
    kept ?? (isFirst ? { hidden: await hiddenNow(options, isProtected), touched: [] } : null)
  const changes = await changesOf(options, isProtected, atStart)
  const flags = changes.flatMap(change => change.flags)
  const versions = changes.flatMap((change): Version[] => (change.version ? [change.version] : []))
  if (mode === 'report') return { result: await run(), flags }

  const watching = await watched(options, isProtected, versions)
  let meanwhile: Flag[] = []
  const check = async () => {
    const before = await watching.look()
    const result = await run()
    const differing = watching.since(before, await watching.look())
    if (isFirst && atStart && !kept) await keepAtStart(stateDir, { ...atStart, touched: differing })
    if (!isFirst) meanwhile = await changedMeanwhile(watching, differing, before, atStart?.touched ?? [])
    return result
  }
  const result =
    versions.length === 0 ? await check() : await withVersions(workspace.root, stateDir, versions, check)
  return { result, flags: [...flags, ...meanwhile] }
}

/** At start-up, before any run goes on: puts back the agent's versions where a crash left others in place. */
export function restoreInterrupted(stateDir: string): Promise<Repairs> {
  return putBackInterrupted(stateDir)
}

/**
 * Before a run goes on that had to stop in the middle of a check: the same for this run alone. Rejects with
 * AppError('disk_full') while there is no room for it; what the agent wrote must be in place before anything looks at it.
 */
export async function restoreBeforeGoingOn(stateDir: string): Promise<void> {
  const { failed } = await putBackInterrupted(stateDir)
  const [failure] = failed
  if (!failure) return
  const sentence = `The files of ${failure.root} that were put aside for a check could not be put back (${failure.why}); they are kept in ${failure.storedIn}`
  const isForRoom = failed.some(({ cause }) => saysNoRoom(cause))
  throw new AppError(isForRoom ? 'disk_full' : 'internal', sentence, { cause: failure.cause })
}
