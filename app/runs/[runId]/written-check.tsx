import { Command } from './_events/check-details.tsx'
import { FileName, VisibleText } from './visible-code.tsx'

interface WrittenFile {
  path: string
  content: string
}

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

export function WrittenFiles({ files }: { files: WrittenFile[] }) {
  return (
    <div className="grid min-w-0 gap-2">
      {files.map(({ path, content }) => (
        <div key={path} className="min-w-0 overflow-hidden rounded-md border">
          <p className="border-b bg-panel px-3 py-1 font-mono text-mono">
            <FileName path={path} />
            <span className="text-muted"> {content.split('\n').length} lines</span>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section tabIndex={0} aria-label={`Text of ${path}`} className="max-h-[60vh] overflow-auto">
            <pre className="w-fit min-w-full px-3 py-2 whitespace-pre">
              <VisibleText text={content} />
            </pre>
          </section>
        </div>
      ))}
    </div>
  )
}
