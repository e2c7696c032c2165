'use client'
import clsx from 'clsx'
import { Expand } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useMemo, useState } from 'react'
import { count } from '#lib/client/format'
import { headOf } from '../../_ui/visible-text.ts'
import { Coloured } from './coloured.tsx'
import { terminalText, withoutColours } from './terminal-text.ts'

const FullText = dynamic(() => import('./full-text.tsx').then(m => m.FullText), { ssr: false })

/** Lines of a body in the stream; all of them are one press away. */
const CAP = 40
const HEAD = 8
/** Characters looked at for the capped view: a line may be megabytes long. */
const MAX_CHARS = 200_000
const MAX_LINE = 2000

/** Output of a command: its head and its end, colours kept, nothing obeyed. `tail` shows the end only, for output that comes in. */
export function Output({
  text,
  title = 'Output',
  tail = false,
  cap = CAP,
  className,
}: {
  text: string
  title?: string
  tail?: boolean
  cap?: number
  className?: string
}) {
  const [isFull, setFull] = useState(false)
  const { head, hidden, end, isCut } = useMemo(() => capped(text, cap, tail), [text, cap, tail])
  if (text.trim() === '') return <p className={clsx('text-muted italic', className)}>no output</p>
  return (
    <div className={clsx('min-w-0 overflow-hidden rounded-md border bg-panel', className)}>
      <Lines text={head} label={title} />
      {hidden > 0 && !tail && (
        <button
          type="button"
          onClick={() => setFull(true)}
          className="flex h-7 w-full items-center gap-2 border-y border-dashed px-3 text-xs text-muted hover:bg-raised hover:text-text coarse:h-11"
        >
          <Expand aria-hidden className="size-3" />
          {count(hidden, 'more line')} — open all
        </button>
      )}
      {end !== '' && <Lines text={end} label={`${title}, end`} />}
      {hidden === 0 && isCut && !tail && (
        <button
          type="button"
          onClick={() => setFull(true)}
          className="flex h-7 w-full items-center gap-2 border-t border-dashed px-3 text-xs text-muted hover:bg-raised hover:text-text coarse:h-11"
        >
          <Expand aria-hidden className="size-3" />
          long lines are cut — open all
        </button>
      )}
      {isFull && <FullText title={title} text={text} onClose={() => setFull(false)} />}
    </div>
  )
}

function Lines({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="overflow-x-auto">
      <pre className="w-fit min-w-full px-3 py-1.5 whitespace-pre">
        <Coloured text={text} />
      </pre>
    </section>
  )
}

function capped(raw: string, cap: number, tail: boolean) {
  const cut = tail ? { text: raw.slice(-MAX_CHARS), cut: 0 } : headAndEnd(raw)
  const clean = terminalText(cut.text).replace(/\n+$/, '')
  const lines = clean.split('\n')
  const isCut = cut.cut > 0 || lines.some(line => line.length > MAX_LINE)
  const short = (part: string[]) => part.map(shortLine).join('\n')
  if (tail) return { head: short(lines.slice(-cap)), hidden: 0, end: '', isCut }
  if (lines.length <= cap + 1) return { head: short(lines), hidden: 0, end: '', isCut }
  return {
    head: short(lines.slice(0, HEAD)),
    hidden: lines.length - cap,
    end: short(lines.slice(HEAD - cap)),
    isCut,
  }
}

function headAndEnd(raw: string) {
  if (raw.length <= MAX_CHARS) return { text: raw, cut: 0 }
  const { text } = headOf(raw, MAX_CHARS / 2)
  return { text: `${text}\n${raw.slice(-MAX_CHARS / 2)}`, cut: raw.length - MAX_CHARS }
}

/** Cutting through a colour code would leave half of it: a long line loses its colours instead. */
const shortLine = (line: string) =>
  line.length <= MAX_LINE ? line : `${withoutColours(line).slice(0, MAX_LINE)}…`
