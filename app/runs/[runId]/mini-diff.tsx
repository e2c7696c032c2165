import clsx from 'clsx'
import { useState } from 'react'
import { count } from '#lib/client/format'
import { VisibleText } from '../../_ui/visible-code.tsx'

const CAP = 40

/** The edit of one tool call, as the tool reports it: a small unified diff without file headers. */
export function MiniDiff({ diff }: { diff: string }) {
  const [all, setAll] = useState(false)
  const lines = diff.slice(0, 64_000).replace(/\n$/, '').split('\n')
  const shown = all ? lines : lines.slice(0, CAP)
  return (
    <div className="min-w-0 overflow-hidden rounded-md border">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
      <section aria-label="Edit" tabIndex={0} className="overflow-x-auto">
        <pre className="w-fit min-w-full">
          {shown.map((line, i) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
              key={i}
              className={clsx(
                'block px-3 whitespace-pre',
                line.startsWith('+') && 'bg-add',
                line.startsWith('-') && 'bg-del',
                line.startsWith('@@') && 'bg-panel text-muted',
              )}
            >
              {line === '' ? ' ' : <VisibleText text={line} />}
            </span>
          ))}
        </pre>
      </section>
      {lines.length > shown.length && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="h-7 w-full border-t border-dashed px-3 text-left text-xs text-muted hover:bg-raised coarse:h-11"
        >
          {count(lines.length - CAP, 'more line')}
        </button>
      )}
    </div>
  )
}
