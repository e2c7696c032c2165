// What a person should look at in a diff before approving it; from the facts alone.
import type { Payload } from '#lib/contract/event'
import type { DiffStat, Flag } from '#lib/contract/events/shared'
import type { RunState } from './state.ts'

const LARGE_LINES = 1000
const LOCKFILES =
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|poetry\.lock|uv\.lock|Cargo\.lock|go\.sum)$/

/** What the run did to files that other programs obey. */
export const sensitiveFlags = (changes: Payload<'sensitive_change'>[]): Flag[] =>
  changes.map(({ path, change, why }) => ({
    code: 'sensitive_change',
    path,
    detail: `${path} was ${change}: ${why}`,
  }))

export function diffFlags(stat: DiffStat | null): Flag[] {
  if (!stat) return []
  const flags: Flag[] = []
  const lines = stat.insertions + stat.deletions
  if (lines > LARGE_LINES) {
    flags.push({
      code: 'large_diff',
      path: null,
      detail: `${lines} changed lines are a lot to review at once.`,
    })
  }
  for (const file of stat.by_file) {
    if (file.status === 'deleted') {
      flags.push({ code: 'deleted_files', path: file.path, detail: `${file.path} was deleted.` })
    }
    if (LOCKFILES.test(file.path)) {
      flags.push({
        code: 'lockfile_changed',
        path: file.path,
        detail: `The lock file ${file.path} was changed.`,
      })
    }
  }
  return flags
}

/** Everything a person should look at after the iteration that has just ended. */
export const gateFlags = ({ lastCheck, lastIteration, sensitive }: RunState): Flag[] => [
  ...(lastCheck?.flags ?? []),
  ...sensitiveFlags(sensitive),
  ...diffFlags(lastIteration?.diff_stat ?? null),
]

/** The same finding says the same; one that has grown says something else. */
export const flagKey = ({ code, path, detail }: Flag): string => JSON.stringify([code, path, detail])

/** Whether some of it was in no gate that was approved. Without a diff nobody knows what there is to look at. */
export const hasUnseenFlags = (state: RunState): boolean =>
  state.lastIteration?.diff_stat == null || gateFlags(state).some(flag => !state.seenFlags.has(flagKey(flag)))
