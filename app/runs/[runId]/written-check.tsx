import { type WrittenFile, WrittenFiles } from '../../_ui/written-files.tsx'
import { Command } from './_events/check-details.tsx'

/** A check that a model wrote: the command, and every file of it as text, so that a person can judge what will judge. */
export function WrittenCheckText({ command, files }: { command: string; files: WrittenFile[] }) {
  return (
    <div className="grid min-w-0 gap-2">
      <section aria-label="Command of the check">
        <Command text={command} />
      </section>
      <WrittenFiles files={files} />
    </div>
  )
}
