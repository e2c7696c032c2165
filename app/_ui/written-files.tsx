import { FileName, VisibleText } from './visible-code.tsx'

export interface WrittenFile {
  path: string
  content: string
}

/** Files as text, whole, so that a person can judge them. */
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
