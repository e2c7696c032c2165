// What a person should look at in a diff before approving it; from the facts alone.
import type { Payload } from '#lib/contract/event'
import type { DiffStat, Flag } from '#lib/contract/events/shared'

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
