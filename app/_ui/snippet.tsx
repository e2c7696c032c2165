import clsx from 'clsx'
import { CopyButton } from './copy-button.tsx'

/** Something to run in a terminal. */
export function Snippet({ text, label, className }: { text: string; label: string; className?: string }) {
  return (
    <div className={clsx('relative min-w-0 rounded-md border bg-panel', className)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-md">
        <pre className="w-fit py-2 pr-10 pl-3 whitespace-pre">
          <code>{text}</code>
        </pre>
      </section>
      <CopyButton text={text} label={`Copy: ${label}`} className="absolute! top-1 right-1" />
    </div>
  )
}
