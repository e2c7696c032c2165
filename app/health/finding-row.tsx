import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Finding } from '#lib/client/health'

const LOOKS = {
  ok: { Icon: CircleCheck, color: 'text-ok', word: 'Well' },
  warn: { Icon: TriangleAlert, color: 'text-warn', word: 'To be looked at' },
  bad: { Icon: CircleX, color: 'text-err', word: 'Wrong' },
  off: { Icon: CircleDashed, color: 'text-muted', word: 'Not set up' },
}

/** How one thing is, and what can be done about it. */
export function FindingRow({ finding, children }: { finding: Finding; children?: ReactNode }) {
  const { state, name, detail } = finding
  const { Icon, color, word } = LOOKS[state]
  return (
    <li className="flex items-start gap-2 px-3 py-2">
      <Icon aria-hidden className={`mt-0.75 size-3.5 shrink-0 ${color}`} />
      <p className="min-w-0 flex-1" aria-live={children ? 'polite' : undefined}>
        <span className="sr-only">{word}: </span>
        <span className="font-medium">{name}</span> <span className="text-muted">{detail}</span>
      </p>
      {children}
    </li>
  )
}
