import {
  FilePen,
  FileText,
  FolderTree,
  type LucideIcon,
  Search,
  SquareTerminal,
  Target,
  Wrench,
} from 'lucide-react'
import { bytes } from '#lib/client/format'
import type { ToolRow } from '#lib/contract/run-view'
import type { LiveOutput } from '../../../_hooks/run-events.ts'
import { Counting } from '../../../_ui/ago.tsx'
import { CopyButton } from '../../../_ui/copy-button.tsx'
import { VisibleText } from '../../../_ui/visible-code.tsx'
import { MiniDiff } from '../mini-diff.tsx'
import { Output } from '../output.tsx'
import { changedLines, diffOf, isFailedTool, toolFacts, toolLabel, toolSubject } from '../row-words.ts'
import { Json } from './generic-row.tsx'
import type { Line } from './line.ts'

const ICONS: Record<string, LucideIcon> = {
  bash_exec: SquareTerminal,
  file_read: FileText,
  file_write: FilePen,
  file_patch: FilePen,
  git_diff: FilePen,
  file_list: FolderTree,
  find_files: FolderTree,
  grep_search: Search,
  run_check: Target,
}

const nameOf = (row: ToolRow) => row.call?.payload.tool ?? row.result?.payload.tool ?? 'tool'

export function toolLine(row: ToolRow): Line {
  const Icon = ICONS[nameOf(row)] ?? Wrench
  const failed = isFailedTool(row)
  const lines = changedLines(row)
  const facts: Line['facts'] = []
  if (lines) facts.push(<PlusMinus key="lines" {...lines} />)
  if (row.state === 'interrupted') facts.push('interrupted')
  if (row.state === 'open' && row.call) facts.push(<Counting key="t" at={row.call.ts * 1000} />)
  return {
    icon: <Icon aria-hidden className="size-3.5" />,
    tone: row.state === 'open' ? 'info' : failed ? 'err' : 'muted',
    label: toolLabel(nameOf(row)),
    title: row.call ? (
      <code className="text-text">{toolSubject(row.call) || 'no arguments'}</code>
    ) : (
      <span className="text-muted">result of a call before the events that are loaded</span>
    ),
    facts: [...facts, ...toolFacts(row).map(fact => <Fact key={fact} words={fact} />)],
  }
}

/** A command that says no is worth seeing, also where that is no error. */
const Fact = ({ words }: { words: string }) => (
  <span className={/^exit [^0]/.test(words) ? 'text-warn' : undefined}>{words}</span>
)

export function PlusMinus({ insertions, deletions }: { insertions: number; deletions: number }) {
  return (
    <span className="font-mono text-mono">
      <span className="text-ok">+{insertions}</span> <span className="text-err">−{deletions}</span>
    </span>
  )
}

export function ToolBody({ row, live }: { row: ToolRow; live?: LiveOutput }) {
  const command = row.call?.payload.args?.command
  const diff = diffOf(row)
  const result = row.result?.payload
  return (
    <div className="grid min-w-0 gap-2">
      {typeof command === 'string' ? (
        <div className="flex min-w-0 items-start gap-1">
          <pre className="min-w-0 flex-1 overflow-x-auto whitespace-pre-wrap">
            <span className="text-muted select-none">$ </span>
            <VisibleText text={command.slice(0, 8000)} />
          </pre>
          <CopyButton text={command} label="Copy the command" />
        </div>
      ) : (
        row.call && !diff && <Json value={row.call.payload.args} label="Arguments" />
      )}
      {diff && <MiniDiff diff={diff} />}
      {result && (!diff || result.status !== 'ok') && <Output text={result.output} title="Output" />}
      {result?.truncated && (
        <p className="text-xs text-muted">
          The output had {bytes(result.bytes)}; the model read what is shown here.
        </p>
      )}
      {row.state === 'interrupted' && (
        <p className="text-xs text-warn">
          This call was cut off; it may have taken effect in part. It is not repeated blindly.
        </p>
      )}
      {row.state === 'open' && live && <Output text={live.text} tail cap={10} title="Output so far" />}
    </div>
  )
}
