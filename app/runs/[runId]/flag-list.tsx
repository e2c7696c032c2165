import { TriangleAlert } from 'lucide-react'
import type { Flag } from '#lib/contract/events/shared'
import { visible } from './visible-text.ts'

const WORDS: Record<Flag['code'], string> = {
  protected_changed: 'Edits a protected test',
  protected_deleted: 'Deletes a protected test',
  test_skipped: 'Skips a test',
  fewer_tests: 'Fewer tests ran',
  no_tests: 'No tests ran',
  large_diff: 'Large change',
  lockfile_changed: 'Changes a lock file',
  deleted_files: 'Deletes a file',
  xfail_added: 'Expects a test to fail',
  assertions_removed: 'Removes assertions',
  tests_missing: 'Tests of the start did not run',
  suppression_added: 'Silences a finding',
  tool_shadowed: 'Takes the place of the check’s tool',
  tool_changed: 'The check’s tool was changed',
  dependency_changed: 'Installed packages were changed',
  changed_during_check: 'Changed while the check ran',
  suspicious_code: 'Code that can fool the check',
  check_file_changed: 'Changes what the check names',
  flaky: 'Passes only sometimes',
  no_progress: 'No progress',
  not_protected: 'Tests are not protected',
}

const SHOWN = 6

/** What a person should look at before trusting the change. */
export function FlagList({ flags }: { flags: Flag[] }) {
  return (
    <ul aria-label="Look at this first" className="grid gap-1">
      {flags.slice(0, SHOWN).map((flag, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same flag may stand twice
        <li key={i} className="flex min-w-0 items-baseline gap-1.5">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0 self-center text-warn" />
          <span className="min-w-0">
            <b className="font-medium text-warn">{WORDS[flag.code] ?? flag.code}</b>{' '}
            <bdi className="text-muted">{visible(flag.detail.slice(0, 500))}</bdi>
          </span>
        </li>
      ))}
      {flags.length > SHOWN && <li className="text-muted">and {flags.length - SHOWN} more of these</li>}
    </ul>
  )
}
