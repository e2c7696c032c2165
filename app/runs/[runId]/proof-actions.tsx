'use client'
import { BadgeCheck, Download, FolderGit2, FolderOpen } from 'lucide-react'
import type { ExportFormat } from '#lib/client/export-run'
import { isFinal } from '#lib/client/status'
import type { EventOf } from '#lib/contract/event'
import type { Run } from '#lib/contract/runs'
import { Notice } from '../../_ui/panel.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { Menu } from './menu.tsx'
import { useExport } from './use-export.ts'
import { useVerify } from './use-verify.ts'
import { VerifyAnswer } from './verify-answer.tsx'

const FORMATS: { format: ExportFormat; label: string; about: string }[] = [
  { format: 'junit', label: 'JUnit XML', about: 'The last check as a report for CI' },
  { format: 'json', label: 'JSON', about: 'Run, iterations, evidence and patch' },
  { format: 'md', label: 'Markdown', about: 'A report to read' },
  { format: 'patch', label: 'Patch', about: 'What the run changed, for git apply' },
]

/** The verdict once more, by anyone; and the run as a file for other tools. */
export function ProofActions({ run, newest }: { run: Run; newest: EventOf<'goal_check'> | undefined }) {
  const verify = useVerify(run.run_id)
  const files = useExport(run.run_id)
  const cutOff = useCutOff()
  const why = whyNot(run, newest)
  const isVerifying = verify.state.at === 'checking'
  return (
    <div className="grid min-w-0 gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Menu
          label="Verify the verdict"
          text="Verify"
          icon={<BadgeCheck aria-hidden className="size-3.5" />}
          blocked={cutOff ?? why ?? (isVerifying ? 'The check is running' : null)}
          items={[
            {
              label: 'In its directory',
              about: 'As it is there now',
              icon: <FolderOpen aria-hidden className="size-3.5 shrink-0" />,
              onChoose: () => verify.start(false),
            },
            {
              label: 'In a fresh checkout',
              about: 'Exactly what was judged, in a temporary copy',
              icon: <FolderGit2 aria-hidden className="size-3.5 shrink-0" />,
              onChoose: () => verify.start(true),
            },
          ]}
        />
        <Menu
          label="Export the run"
          text={files.pending ? 'Exporting…' : 'Export'}
          icon={<Download aria-hidden className="size-3.5" />}
          blocked={cutOff}
          items={FORMATS.map(({ format, label, about }) => ({
            label,
            about,
            onChoose: () => void files.save(format),
          }))}
        />
        <span className="min-w-48 flex-1 text-xs text-muted">
          {why ?? 'Runs the same check again and compares. No agent, no tokens.'}
        </span>
      </div>
      {files.problem && (
        <div role="alert">
          <Notice tone="err">{files.problem}</Notice>
        </div>
      )}
      {files.note && <Notice tone="warn">{files.note}</Notice>}
      <VerifyAnswer verify={verify} />
    </div>
  )
}

/** Why the verdict cannot be repeated. */
function whyNot(run: Run, newest: EventOf<'goal_check'> | undefined): string | null {
  if (run.judged) return 'A model judged this run, and no command can repeat what it said.'
  if (!isFinal(run.status))
    return 'The run is still at work in its directory: it can be verified once it has ended.'
  return newest?.payload.evidence ? null : 'No evidence of a check is kept for this run.'
}
