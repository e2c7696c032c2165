import clsx from 'clsx'
import { ShieldAlert, TriangleAlert } from 'lucide-react'
import type { Flag } from '#lib/contract/events/shared'
import { visible } from '../../_ui/visible-text.ts'
import { partedFlags } from './progress-words.ts'

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
  sensitive_change: 'Changes what other programs obey',
}

const SHOWN = 6

/** What a person should look at before trusting the change: first what makes a green check worth nothing. */
export function FlagList({ flags, isGreen = false }: { flags: Flag[]; isGreen?: boolean }) {
  const { blocking, informing } = partedFlags(flags)
  const blocks = isGreen ? 'Green, but it does not count because' : 'A green check would not count because'
  return (
    <>
      {blocking.length > 0 && (
        <section aria-label={blocks} className="rounded-md border border-err/40 bg-err-tint px-3 py-2">
          <p className="mb-1 flex items-center gap-1.5 font-medium text-err-text">
            <ShieldAlert aria-hidden className="size-3.5 shrink-0" />
            {blocks}
          </p>
          <Flags flags={blocking} label={blocks} isBlocking />
        </section>
      )}
      {informing.length > 0 && <Flags flags={informing} label="Look at this first" />}
    </>
  )
}

function Flags({ flags, label, isBlocking = false }: { flags: Flag[]; label: string; isBlocking?: boolean }) {
  return (
    <ul aria-label={label} className="grid gap-1">
      {flags.slice(0, SHOWN).map((flag, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same flag may stand twice
        <li key={i} className="flex min-w-0 items-baseline gap-1.5">
          {isBlocking ? (
            <span aria-hidden className="text-err-text">
              •
            </span>
          ) : (
            <TriangleAlert aria-hidden className="size-3.5 shrink-0 self-center text-warn" />
          )}
          <span className={clsx('min-w-0', isBlocking && 'text-err-text')}>
            <b className={clsx('font-medium', !isBlocking && 'text-warn')}>
              {WORDS[flag.code] ?? flag.code}:
            </b>{' '}
            <bdi className={clsx(!isBlocking && 'text-muted')}>{visible(flag.detail.slice(0, 500))}</bdi>
          </span>
        </li>
      ))}
      {flags.length > SHOWN && (
        <li className={isBlocking ? 'text-err-text' : 'text-muted'}>
          and {flags.length - SHOWN} more of these
        </li>
      )}
    </ul>
  )
}
