import clsx from 'clsx'
import { CopyButton } from './copy-button.tsx'

/** Something to run in a terminal. */
export function Snippet({ text, label, className }: { text: string; label: string; className?: string }) {
  return (
    <div className={clsx('flex min-w-0 items-start rounded-md border bg-panel', className)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section aria-label={label} tabIndex={0} className="min-w-0 flex-1 overflow-x-auto rounded-md">
        <pre className="w-fit py-2 pr-2 pl-3 coarse:py-4 whitespace-pre">
          <code>{text}</code>
        </pre>
      </section>
      <CopyButton text={text} label={`Copy: ${label}`} className="m-1" />
    </div>
  )
}
